package dev.millrace.consume.mapping;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.millrace.config.pipeline.LoadMode;
import dev.millrace.consume.destination.ExistingTable.Identity;
import dev.millrace.consume.destination.TargetName;
import dev.millrace.storage.event.TableName;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MappingCodecTest {
    private static final TableMapping MAPPING = new TableMapping(
                    new TableName("public", "films"),
                    new TargetName("shop", "films"),
                    7,
                    true,
                    LoadMode.HISTORY,
                    List.of())
            .from(new TableName("public", "film"));

    @Test
    void whatWasWrittenIsReadWithTheTablesIdentity() {
        TableMapping known = MAPPING.withIdentity(new Identity("5", "16385"));
        assertEquals(known, MappingCodec.decode("k", MappingCodec.encode(known)));
    }

    @Test
    void aMappingOfTheFormatBeforeKnowsNoIdentity() {
        byte[] bytes = MappingCodec.encode(MAPPING);
        byte[] before = Arrays.copyOf(bytes, bytes.length - 4); // two empty texts
        before[0] = 3;
        assertEquals(MAPPING, MappingCodec.decode("k", before));
    }
}
