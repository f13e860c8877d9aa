package dev.millrace.app.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void longCellsAreCutUnlessTheTableIsToldWhole() {
        String text = "x".repeat(100);
        TextTable cut = new TextTable("what", "value");
        cut.row("a", text);
        assertEquals("a     " + text.substring(0, 59) + "…", cut.lines().get(1));
        TextTable whole = TextTable.whole("what", "value");
        whole.row("a", text);
        assertEquals("a     " + text, whole.lines().get(1));
    }

    @Test
    void whatADatabaseHoldsIsNoCommandToTheTerminal() {
        TextTable table = new TextTable("what", "value");
        table.row("a\nb", "\u001b[2Jred\u009b31m\u2028end\u0007");
        assertEquals(List.of("what  value", "a b    [2Jred 31m end"), table.lines());
    }
}
