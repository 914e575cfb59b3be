use super::*;

#[track_caller]
fn splits(text: &str, code: &[&str], comments: &[&str]) {
    let source = Source::new("x.rs", text);
    let found: Vec<_> = source.lines.iter().map(|line| line.code.trim()).collect();
    assert_eq!(found, code);
    let found: Vec<_> = source
        .lines
        .iter()
        .map(|line| line.comment.trim())
        .collect();
    assert_eq!(found, comments);
}

#[test]
fn comments_end_with_their_line_or_nest() {
    splits("a; // b\nc;", &["a;", "c;"], &["b", ""]);
    splits("a /* b /* c */ d */ e", &["a  e"], &["b  c  d"]);
    splits("/* a\nb */ c", &["", "c"], &["a", "b"]);
}

#[test]
fn texts_are_emptied() {
    splits(r#"f("// no \" comment") // one"#, &[r#"f("")"#], &["one"]);
    splits("f(\"two\nlines\"); g", &["f(\"", "\"); g"], &["", ""]);
    splits("f(\"a\\\nb\"); g", &["f(\"", "\"); g"], &["", ""]);
    splits(r##"r#"a " // b"# ; c"##, &[r#""" ; c"#], &[""]);
    splits(r#"br"\" ; c"#, &[r#"b"" ; c"#], &[""]);
}

#[test]
fn characters_are_not_lifetimes() {
    splits(
        r"f('a, '\'', '/', '\u{2f}', 'ß') // b",
        &["f('a, '', '', '', '')"],
        &["b"],
    );
    splits(
        "fn f<'a>(x: &'a str) {}",
        &["fn f<'a>(x: &'a str) {}"],
        &[""],
    );
    splits(r#"'"' // a"#, &["''"], &["a"]);
}

#[test]
fn a_word_that_ends_in_r_begins_no_raw_text() {
    splits(r#"for"x" // a"#, &[r#"for"""#], &["a"]);
}
