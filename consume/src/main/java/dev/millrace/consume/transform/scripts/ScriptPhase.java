package dev.millrace.consume.transform.scripts;

import dev.millrace.config.error.MillraceException;
import dev.millrace.config.setting.Secret;
import dev.millrace.consume.script.Sandbox;
import dev.millrace.consume.script.Script;
import dev.millrace.consume.script.ScriptLimits;
import dev.millrace.consume.script.ScriptProblem;
import dev.millrace.consume.transform.RowPhase;
import dev.millrace.consume.transform.RowProgram;
import dev.millrace.storage.event.Schema;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A script. It is compiled once a thread; the shapes it has given back are shared, so that two threads that gather see
 * the same. Safe from any thread.
 */
public final class ScriptPhase implements RowPhase {
    private final String name;
    private final String file;
    private final String text;
    private final Optional<Secret> salt;
    private final ScriptLimits limits;
    private final Map<Schema, Shapes> shapes = new ConcurrentHashMap<>();
    private final ThreadLocal<Script> script = ThreadLocal.withInitial(this::compiled);

    /**
     * @param file for messages
     * @param salt the key of {@code Hash.secret}
     * @param limits what one event may take
     * @throws MillraceException USER SCRIPT_INVALID when the text is no script
     */
    public ScriptPhase(String name, String file, String text, Optional<Secret> salt, ScriptLimits limits) {
        this.name = Objects.requireNonNull(name);
        this.file = Objects.requireNonNull(file);
        this.text = Objects.requireNonNull(text);
        this.salt = Objects.requireNonNull(salt);
        this.limits = Objects.requireNonNull(limits);
        script.get();
    }

    private Script compiled() {
        try {
            return Script.compile(new Sandbox(limits, salt), text, file);
        } catch (ScriptProblem problem) {
            throw MillraceException.user(
                    "SCRIPT_INVALID",
                    file + ":" + problem.line() + ":" + problem.column(),
                    problem.getMessage(),
                    problem.suggestion());
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<RowProgram> compile(Schema input) {
        Script own = script.get();
        Shapes known = shapes.computeIfAbsent(input, schema -> new Shapes(schema, Trial.of(own, schema)));
        return Optional.of(new ScriptProgram(own, input, known));
    }
}
