package dev.millrace.ingest.postgres;

import dev.millrace.config.error.Category;
import dev.millrace.config.error.MillraceException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;

/**
 * Turns what the driver throws into failures with a stable code, by SQLSTATE (PostgreSQL manual, appendix "PostgreSQL Error Codes") and by
 * the kind of the cause, never by text, because servers speak many languages.
 */
final class PostgresErrors {
  private PostgresErrors() {}

  /** For a failure while connecting and logging in. */
  static MillraceException connecting(PostgresSettings settings, SQLException failure) {
    String what = "Cannot connect to PostgreSQL at " + settings.address();
    return switch (state(failure)) {
      case "28P01", "28000" ->
          make(
              "LOGIN_FAILED",
              Category.USER,
              what,
              failure,
              "Check user and password in the pipeline's source; the server's pg_hba.conf must admit the user from this machine"
                  + (settings.password().isEmpty() ? " (no password is set here)." : "."));
      case "3D000" ->
          make("DATABASE_NOT_FOUND", Category.USER, what, failure, "Check the setting 'database'; psql -l lists what is there.");
      case "08004" -> rejected(settings, what, failure);
      default -> of(what, failure);
    };
  }

  /** The driver itself gave up; of its two reasons one names SSL in every language. */
  private static MillraceException rejected(PostgresSettings settings, String what, SQLException failure) {
    if (text(failure).contains("SSL")) {
      return make(
          "TLS_FAILED", Category.USER, what, failure, "sslMode is " + settings.sslMode() + ": set ssl = on at the server, or sslMode to prefer.");
    }
    return make("LOGIN_FAILED", Category.USER, what, failure, "Set the setting 'password'; the server asks for one.");
  }

  /**
   * For any other failure.
   *
   * @param what what failed, with its id: "Cannot read table public.film"
   */
  static MillraceException of(String what, SQLException failure) {
    MillraceException network = network(what, failure);
    if (network != null) {
      return network;
    }
    String state = state(failure);
    return switch (state) {
      case "28P01", "28000" ->
          make("LOGIN_FAILED", Category.USER, what, failure, "Check user and password, and the server's pg_hba.conf.");
      case "53300" ->
          external("TOO_MANY_CONNECTIONS", what, failure, "Raise max_connections (or max_wal_senders) or close other clients.");
      case "42501" -> make("PRIVILEGE_MISSING", Category.USER, what, failure, "Grant the privilege named above to this source's user.");
      case "42P01", "3F000" ->
          make("TABLE_NOT_FOUND", Category.USER, what, failure, "The table was dropped or renamed: choose the objects again.");
      case "42703" -> external("TABLE_CHANGED", what, failure, "A column was dropped or renamed meanwhile; it is read again.");
      case "42704" -> make("OBJECT_MISSING", Category.USER, what, failure, "Something this source needs at the server is not there.");
      case "55006" -> external("SLOT_TAKEN", what, failure, "Another process streams from this slot: stop it, or name another slot.");
      case "53400" ->
          external(
              "OUT_OF_SLOTS", what, failure, "Raise max_replication_slots and max_wal_senders (needs a restart) or drop unused slots.");
      case "55000" ->
          make("SOURCE_NOT_READY", Category.USER, what, failure, "See wal_level and the slot's state: 'millrace check --connect' says more.");
      case "58P01" -> make("SLOT_LOST", Category.USER, what, failure, "The server no longer has the change log: begin again with 'millrace reload --all'.");
      case "57014" -> external("QUERY_CANCELLED", what, failure, "It took longer than 'queryTimeout', or was cancelled at the server.");
      case "55P03" -> external("LOCK_NOT_AVAILABLE", what, failure, "Another session holds a lock on the table; it is tried again.");
      case "25006" -> make("SERVER_READ_ONLY", Category.USER, what, failure, "This is a standby or read-only: connect to the primary.");
      default -> byClass(what, failure, state);
    };
  }

  private static MillraceException byClass(String what, SQLException failure, String state) {
    String kind = state.length() < 2 ? "" : state.substring(0, 2);
    return switch (kind) {
      case "08" -> external("CONNECTION_LOST", what, failure, "Check that the server runs and the network reaches it; it is tried again.");
      case "57" -> external("SERVER_SHUTTING_DOWN", what, failure, "The server stops, starts or recovers; it is tried again.");
      case "53", "58", "XX" -> external("SERVER_FAILED", what, failure, "The server is out of a resource or failed: see its log.");
      case "40" -> external("SERVER_CONFLICT", what, failure, "The server broke the transaction off; it is tried again.");
      case "42", "0A", "22" -> make("QUERY_REFUSED", Category.USER, what, failure, "See the server's reason above.");
      default -> external("DATABASE_ERROR", what, failure, "See the server's reason above and its log.");
    };
  }

  /** What went wrong below the protocol, or null. */
  private static MillraceException network(String what, SQLException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return make(
            "HOST_UNKNOWN",
            Category.EXTERNAL,
            what,
            "no address is known for host '" + cause.getMessage() + "'",
            failure,
            "Check the setting 'host' and this machine's name resolution.");
      }
      if (cause instanceof SSLException) {
        return make(
            "TLS_FAILED",
            Category.USER,
            what,
            text(cause),
            failure,
            "Check sslMode and sslRootCert; the server's certificate must be signed by it and, for verify-full, name the host.");
      }
      if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
        return make(
            "CONNECTION_REFUSED",
            Category.EXTERNAL,
            what,
            text(cause),
            failure,
            "Check host and port, that the server runs, its listen_addresses, and firewalls between.");
      }
      if (cause instanceof SocketTimeoutException) {
        return make(
            "CONNECTION_TIMED_OUT",
            Category.EXTERNAL,
            what,
            text(cause),
            failure,
            "The server did not answer in time: check host, port and firewalls, or raise 'connectTimeout'.");
      }
      if (cause instanceof InterruptedIOException) {
        return make("INTERRUPTED", Category.EXTERNAL, what, "interrupted", failure, "");
      }
    }
    return null;
  }

  /** The SQLSTATE, empty when there is none. */
  static String state(SQLException failure) {
    return failure.getSQLState() == null ? "" : failure.getSQLState();
  }

  private static MillraceException external(String code, String what, SQLException failure, String remedy) {
    return make(code, Category.EXTERNAL, what, failure, remedy);
  }

  private static MillraceException make(String code, Category category, String what, SQLException failure, String remedy) {
    String state = state(failure);
    String why = text(failure) + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
    return make(code, category, what, why, failure, remedy);
  }

  private static MillraceException make(
      String code, Category category, String what, String why, SQLException failure, String remedy) {
    return new MillraceException(code, category, what, why, remedy, failure);
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
