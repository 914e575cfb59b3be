use super::*;

fn read(text: &str) -> String {
    Brief::read("tests", text).lines.join("\n")
}

#[test]
fn names_failed_tests_and_where_they_panicked() {
    let text = "\
     Running unittests src/lib.rs (target/debug/deps/pintle_park-5312dffde4bd7e9a)

running 2 tests
test one ... ok
test two ... FAILED

failures:

---- two stdout ----

thread 'two' (1234) panicked at src/lib.rs:3:5:
assertion `left == right` failed
  left: 1
thread 'other' panicked at src/lib.rs:9:9:

failures:
    two

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out

error: test failed, to rerun pass `-p pintle-park --lib`
     Running tests/wait.rs (target/debug/deps/wait-01df125cdef1edbe)

running 1 test
test three ... FAILED
test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
error: test failed, to rerun pass `-p pintle-park --test wait`
error: 2 targets failed:
    `-p pintle-park --lib`
";
    assert_eq!(
        read(text),
        "\
tests:
  test two ... FAILED (pintle_park)
      thread 'two' (1234) panicked at src/lib.rs:3:5:
      assertion `left == right` failed
  test three ... FAILED (tests/wait.rs)"
    );
}

#[test]
fn gives_the_last_words_of_a_program_that_died() {
    let text = "\
     Running tests/sandbox.rs (target/debug/deps/sandbox-2463f866c4a6a458)

running 4 tests
test one ... ok
The futex facility returned an unexpected error code.
error: test failed, to rerun pass `-p pintle-park --test sandbox`

Caused by:
  process didn't exit successfully: `/x y/sandbox-2463f866c4a6a458` (signal: 6, SIGABRT: process abort signal)
     Running tests/signals.rs (target/debug/deps/signals-fb19045743742ef8)

running 1 test
test two ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
";
    assert_eq!(
        read(text),
        "\
tests:
  tests/sandbox.rs died: signal: 6, SIGABRT: process abort signal
      running 4 tests
      test one ... ok
      The futex facility returned an unexpected error code."
    );
}

#[test]
fn names_a_program_that_ended_in_the_middle() {
    let text = "\
     Running tests/a.rs (a-0)
running 2 tests
test one ... ok
     Running tests/b.rs (b-0)
running 1 test
";
    assert_eq!(
        read(text),
        "tests:\n  tests/a.rs ended before its tests did\n  tests/b.rs ended before its tests did"
    );
}

#[test]
fn gives_a_compilers_errors_and_their_places() {
    let text = "\
   Compiling x v0.1.0
error[E0308]: mismatched types
 --> src/lib.rs:1:2
  |
error: could not compile `x` (lib) due to 1 previous error
";
    assert_eq!(
        read(text),
        "tests:\n  error[E0308]: mismatched types\n      --> src/lib.rs:1:2"
    );
}

#[test]
fn a_failure_of_no_known_kind_gives_its_last_lines() {
    let text: String = (0..20).map(|line| format!("line {line}\n\n")).collect();
    let brief = read(&text);
    assert!(brief.starts_with("tests:\n  line 12\n"), "{brief}");
    assert!(brief.ends_with("\n  line 19"), "{brief}");
}

#[test]
fn is_short() {
    let text: String = (0..99)
        .map(|test| format!("test {test} ... FAILED\n"))
        .collect();
    let brief = read(&text);
    assert_eq!(brief.lines().count(), 1 + AT_MOST + 1);
    assert!(brief.ends_with("… and 75 lines more"), "{brief}");
}
