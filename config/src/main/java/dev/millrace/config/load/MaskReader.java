package dev.millrace.config.load;

import dev.millrace.config.pipeline.Masking;
import dev.millrace.config.setting.Secret;
import dev.millrace.config.setting.Setting;
import dev.millrace.config.setting.Setting.Range;
import dev.millrace.config.setting.Setting.Type;
import dev.millrace.config.setting.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads how a column is masked: {@code email: {hmac: "${env:MASK_KEY}"}}. */
final class MaskReader {
    private static final List<Setting> METHODS = List.of(
            Setting.optional("sha256", Type.SECRET, null, "SHA-256 of this salt and the value."),
            Setting.optional("hmac", Type.SECRET, null, "HMAC-SHA-256 of the value with this key."),
            new Setting(
                    "keepLast",
                    Type.INTEGER,
                    null,
                    false,
                    List.of(),
                    new Range(1, Masking.MOST_REPLACEMENT_CHARACTERS),
                    "How many characters at the end are kept."),
            Setting.optional("keepFormat", Type.SECRET, null, "Other digits and letters, made with this key."),
            Setting.optional("redact", Type.TEXT, null, "The text that stands for every value."));
    private static final String WRITE =
            "Write one of: sha256: <salt>, hmac: <key>, keepLast: <characters>, keepFormat: <key>,"
                    + " redact: <text>.";

    private MaskReader() {}

    /** The mask under {@code key}; empty after a complaint. */
    static Optional<Masking> read(Section around, String key, ProblemCollector problems) {
        Section section = around.section(key);
        Optional<Settings> settings = section.settings(METHODS, Set.of());
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        List<String> given =
                METHODS.stream().map(Setting::name).filter(settings.get()::has).toList();
        if (given.size() != 1) {
            problems.error(
                    around.place(key),
                    given.isEmpty() ? "MISSING_KEY" : "BAD_VALUE",
                    "the mask of '" + key + "' names " + (given.isEmpty() ? "no" : given.size()) + " methods, not one",
                    WRITE);
            return Optional.empty();
        }
        return mask(section, given.get(0), settings.get(), problems);
    }

    private static Optional<Masking> mask(Section section, String method, Settings values, ProblemCollector problems) {
        if (method.equals("keepLast")) {
            return Optional.of(new Masking.KeepLast(values.integer(method)));
        } else if (method.equals("redact")) {
            if (values.text(method).length() > Masking.MOST_REPLACEMENT_CHARACTERS) {
                problems.error(
                        section.place(method),
                        "BAD_VALUE",
                        "'redact' has more than " + Masking.MOST_REPLACEMENT_CHARACTERS + " characters",
                        "Write a shorter text.");
                return Optional.empty();
            }
            return Optional.of(new Masking.Redact(values.text(method)));
        }
        Secret secret = values.secret(method).orElseThrow();
        if (!Masking.isLongEnough(secret)) {
            problems.error(
                    section.place(method),
                    "WEAK_SECRET",
                    "the secret of '" + method + "' has fewer than " + Masking.LEAST_SECRET_CHARACTERS + " characters",
                    "Make one, for example with 'openssl rand -hex 32', and keep it: with another one every mask is another.");
            return Optional.empty();
        }
        return Optional.of(
                switch (method) {
                    case "sha256" -> new Masking.Sha256(secret);
                    case "hmac" -> new Masking.Hmac(secret);
                    default -> new Masking.KeepFormat(secret);
                });
    }
}
