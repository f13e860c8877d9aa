/**
 * How a connector or destination declares its settings, once: name, type, default, unit, secrecy, help. Parsing, validation, masking,
 * the reference documentation and later the admin form come from that declaration. {@link dev.millrace.config.setting.Settings} holds
 * the parsed values. Immutable data; safe from any thread. {@link dev.millrace.config.setting.SettingsParser} makes them from texts.
 */
package dev.millrace.config.setting;
