package dev.millrace.consume.script;

import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * Upper and lower case of long texts, in no language. Java copies the whole text for each character that becomes several ({@code ß}, {@code İ}),
 * and looks at the whole word for each Greek sigma, so that a text of many takes quadratic time: here a piece after the other is changed. Words
 * stay whole up to {@value #PIECE} characters.
 */
public final class LetterCase {
    private static final int PIECE = 256;

    private LetterCase() {}

    /** What is told of each piece before it is changed: how many characters it has. */
    @FunctionalInterface
    interface Watch {
        void piece(int characters);
    }

    public static String upper(String text) {
        return upper(text, characters -> {});
    }

    public static String lower(String text) {
        return lower(text, characters -> {});
    }

    static String upper(String text, Watch watch) {
        return byPieces(text, piece -> piece.toUpperCase(Locale.ROOT), watch);
    }

    static String lower(String text, Watch watch) {
        return byPieces(text, piece -> piece.toLowerCase(Locale.ROOT), watch);
    }

    private static String byPieces(String text, UnaryOperator<String> change, Watch watch) {
        if (text.length() <= PIECE) {
            return change.apply(text);
        }
        StringBuilder changed = new StringBuilder(text.length() + PIECE);
        int begin = 0;
        while (begin < text.length()) {
            int end = end(text, begin);
            watch.piece(end - begin);
            changed.append(change.apply(text.substring(begin, end)));
            begin = end;
        }
        return changed.toString();
    }

    /** Behind the last white space of the piece; where there is none, not within a character. */
    private static int end(String text, int begin) {
        int most = begin + PIECE;
        if (most >= text.length()) {
            return text.length();
        }
        for (int end = most; end > begin; end--) {
            if (Character.isWhitespace(text.charAt(end - 1))) {
                return end;
            }
        }
        return Character.isLowSurrogate(text.charAt(most)) ? most - 1 : most;
    }
}
