use super::*;

const GOOD: &str = "
| column | platform | run by | checked for |
|---|---|---|---|
| here | this one | `cargo xtask test` | |
| there | another | | x-system |

| operation | here | there |
|---|---|---|
| `wait` | run | checked |
| `wake` | run | no 1 |

| operation | made of |
|---|---|
| `wait` | stone |

1. It sleeps.
";

/// What is wrong with the text, where `from` is `to` instead.
fn findings(from: &str, to: &str) -> Vec<Finding> {
    let known = Known {
        commands: vec!["cargo xtask test".to_owned()],
        targets: vec!["x-system", "x-none"],
        systems: vec!["x-system"],
    };
    assert!(GOOD.contains(from));
    known.read(&GOOD.replacen(from, to, 1)).1
}

#[test]
fn what_is_right_passes() {
    assert_eq!(findings("wait", "wait"), []);
}

#[test]
fn each_fault_is_found_in_its_line() {
    for (from, to, line, mend) in [
        ("run | checked", "run | run", 9, "no command runs there"),
        (
            "run | checked",
            "checked | checked",
            9,
            "no target stands for here",
        ),
        ("no 1", "no 2", 10, "no reason 2"),
        ("no 1", "yes", 10, "is not run"),
        ("no 1", "run by hand", 10, "is not run"),
        (" | no 1", "", 10, "1 cells"),
        ("xtask test", "xtask rest", 4, "is no command"),
        ("x-system", "x-other", 5, "has no x-other"),
        ("x-system", "x-none", 5, "x-system is checked"),
        ("| here | there", "| here", 1, "no table has"),
    ] {
        let found = findings(from, to);
        let expected = |(at, text): &Finding| *at == line && text.contains(mend);
        assert!(found.iter().any(expected), "{from} -> {to}: {found:?}");
    }
}
