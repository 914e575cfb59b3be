use super::*;

fn differences(expected: &str, printed: &str) -> Option<String> {
    Transcript::parse(expected, Some("> "))
        .unwrap()
        .differences(printed)
}

#[test]
fn a_number_is_digits() {
    assert!(matches(
        "{number} of {number} ms",
        "1 of 18446744073709551616 ms"
    ));
    assert!(!matches("{number} ms", " ms"));
    assert!(!matches("{number} ms", "-1 ms"));
    assert!(!matches("{number}", "1."));
    assert!(matches("no {thing} is a number", "no {thing} is a number"));
}

#[test]
fn what_follows_a_prompt_is_typed() {
    let text = "hello\n> echo a  b\na  b\n> halt\n";
    let transcript = Transcript::parse(text, Some("> ")).unwrap();
    assert_eq!(transcript.typed(), ["echo a  b", "halt"]);
    assert!(Transcript::parse(text, None).unwrap().typed().is_empty());
    assert!(Transcript::parse("> echo {number}", Some("> ")).is_err());
    assert!(Transcript::parse("\n\n", None).is_err());
}

#[test]
fn what_is_the_same_does_not_differ() {
    assert_eq!(differences("a\nb {number}\n", "a\nb 12 \n\n"), None);
}

#[test]
fn differences_stand_where_they_are() {
    assert_eq!(
        differences("a\nb\nc", "a\nx\nc").unwrap(),
        "  a\n- b\n+ x\n  c\n"
    );
    assert_eq!(differences("a\nb", "a").unwrap(), "  a\n- b\n");
    assert_eq!(differences("a", "a\nb").unwrap(), "  a\n+ b\n");
    assert_eq!(differences("a", "").unwrap(), "- a\n");
}
