package dev.millrace.web;

import dev.millrace.config.error.MillraceException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The pipeline {@code shop} with one object that waits, which remembers what it was asked to do with it. */
final class FakeMapping implements MappingControl {
    static final MappingStatus FILM = new MappingStatus(
            "public.film",
            "public.film",
            "waiting",
            "crm.films",
            true,
            true,
            "TABLE_MISSING",
            "it was dropped",
            "Choose.",
            List.of(new MappingStatus.Proposal("new-column", "length", "new column 'length' (integer)")),
            List.of());

    final List<String> asked = new CopyOnWriteArrayList<>();

    private static void require(String pipeline) {
        if (!pipeline.equals("shop")) {
            throw MillraceException.user(
                    "NO_SUCH_PIPELINE", "Pipeline '" + pipeline + "' is unknown", "", "See 'millrace status'.");
        }
    }

    @Override
    public List<MappingStatus> list(String pipeline) {
        require(pipeline);
        return List.of(FILM);
    }

    @Override
    public MappingDetail show(String pipeline, String object) {
        require(pipeline);
        asked.add("show " + object);
        return new MappingDetail(
                FILM, List.of(new MappingDetail.Column("id", "film_id", "integer", "long", true, "renamed")));
    }

    @Override
    public List<MappingAnswer> approve(String pipeline, List<String> objects) {
        require(pipeline);
        asked.add("approve " + objects);
        return List.of(new MappingAnswer("public.film", List.of("new column 'length' (integer)")));
    }

    @Override
    public MappingAnswer reject(String pipeline, String object) {
        require(pipeline);
        asked.add("reject " + object);
        return new MappingAnswer(object, List.of());
    }

    @Override
    public MappingAnswer set(String pipeline, String object, MappingWish wish) {
        require(pipeline);
        asked.add("set " + object + " " + wish);
        return new MappingAnswer(object, List.of("done"));
    }
}
