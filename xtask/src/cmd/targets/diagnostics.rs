//! What an application sees that chose no backend for its atomics.

use anyhow::{Result, ensure};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;

/// Fails unless cargo's JSON messages hold one error, portable-atomic's, which names the
/// ways to choose.
pub(super) fn one_clear_error(messages: &str) -> Result<()> {
    let mut errors = Vec::new();
    for message in Message::parse_stream(messages.as_bytes()) {
        if let Message::CompilerMessage(found) = message?
            && found.message.level == DiagnosticLevel::Error
            // rustc's count of the errors before.
            && !found.message.message.starts_with("aborting due to")
        {
            errors.push(found.message.message);
        }
    }
    ensure!(
        errors.len() == 1,
        "an application without a backend should see one error, and sees {}: {errors:#?}",
        errors.len()
    );
    for way in ["critical-section", "unsafe-assume-single-core"] {
        ensure!(
            errors[0].contains(way),
            "the one error does not name `{way}`: {}",
            errors[0]
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line of `cargo check --message-format=json`.
    fn message(level: &str, text: &str) -> String {
        format!(
            r#"{{"reason":"compiler-message","package_id":"registry+x#portable-atomic@1.15.0","manifest_path":"/x/Cargo.toml","target":{{"kind":["lib"],"crate_types":["lib"],"name":"portable_atomic","src_path":"/x/src/lib.rs","edition":"2018","doc":true,"doctest":true,"test":true}},"message":{{"rendered":null,"message":"{text}","level":"{level}","code":null,"spans":[],"children":[]}}}}
"#
        )
    }

    const CHOICE: &str = "enable `critical-section` or `unsafe-assume-single-core`";

    #[test]
    fn one_error_that_names_the_choice() {
        let noise =
            message("warning", "unused") + &message("error", "aborting due to 1 previous error");
        assert!(one_clear_error(&(message("error", CHOICE) + &noise)).is_ok());
    }

    #[test]
    fn none_two_and_others_are_refused() {
        assert!(one_clear_error("").is_err());
        let two = message("error", CHOICE) + &message("error", "cannot find `AtomicUsize`");
        assert!(one_clear_error(&two).is_err());
        assert!(one_clear_error(&message("error", "cannot find `AtomicUsize`")).is_err());
    }
}
