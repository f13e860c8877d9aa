package dev.millrace.app.cli;

import dev.millrace.config.error.Finding;
import dev.millrace.config.error.MillraceException;
import dev.millrace.config.load.Problem;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The JSON forms of failures, findings and problems. */
final class Messages {
    private Messages() {}

    static Map<String, Object> error(MillraceException failure) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("code", failure.code());
        fields.put("category", lower(failure.category()));
        fields.put("what", failure.what());
        fields.put("why", failure.why());
        fields.put("remedy", failure.remedy());
        return fields;
    }

    static Map<String, Object> finding(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("probe", finding.probe());
        fields.put("status", lower(finding.status()));
        fields.put("code", finding.code());
        fields.put("detail", finding.detail());
        fields.put("remedy", finding.remedy());
        return fields;
    }

    static Map<String, Object> problem(Problem problem) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("file", problem.file().toString());
        fields.put("line", problem.line());
        fields.put("column", problem.column());
        fields.put("severity", lower(problem.severity()));
        fields.put("code", problem.code());
        fields.put("message", problem.message());
        fields.put("suggestion", problem.suggestion());
        return fields;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
