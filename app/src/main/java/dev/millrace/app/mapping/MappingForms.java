package dev.millrace.app.mapping;

import dev.millrace.consume.mapping.MappingView.ColumnView;
import dev.millrace.consume.mapping.MappingView.MappedObject;
import dev.millrace.consume.mapping.MappingView.Status;
import dev.millrace.consume.mapping.Proposal;
import dev.millrace.ingest.engine.LeftOut;
import dev.millrace.web.MappingDetail;
import dev.millrace.web.MappingStatus;
import java.util.List;
import java.util.Locale;

/** Mapped objects in the web's words. */
final class MappingForms {
    /** What to do about an object that is left out. */
    static final String JOINS = "It joins by itself once it fits.";

    private MappingForms() {}

    static MappingStatus status(MappedObject object) {
        return new MappingStatus(
                object.object().toString(),
                object.source().toString(),
                word(object.status()),
                object.target().toString(),
                object.made(),
                object.waits(),
                object.code(),
                object.why(),
                object.remedy(),
                proposals(object.proposals()),
                proposals(object.rejected()));
    }

    /** One that a pattern chooses and that doesn't fit. */
    static MappingStatus leftOut(LeftOut object) {
        String name = object.table().toString();
        return new MappingStatus(
                name, name, word(Status.WAITING), "", false, true, "", object.why(), JOINS, List.of(), List.of());
    }

    static MappingDetail detail(MappedObject object) {
        return new MappingDetail(
                status(object),
                object.columns().stream().map(MappingForms::column).toList());
    }

    private static MappingDetail.Column column(ColumnView column) {
        return new MappingDetail.Column(
                column.source(),
                column.target(),
                column.sourceType(),
                column.type(),
                column.key(),
                word(column.state()));
    }

    private static List<MappingStatus.Proposal> proposals(List<Proposal> proposals) {
        return proposals.stream()
                .map(each -> new MappingStatus.Proposal(word(each.kind()), each.column(), each.toString()))
                .toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
