//! JSON on its way out: the one spelling of pretty-printed documents.

use serde::Serialize;

/// Two spaces of indentation and a newline at the end.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    // Our own types have text keys and no failing serializers.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
