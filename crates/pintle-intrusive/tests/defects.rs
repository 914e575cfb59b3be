//! What cordyceps 0.3.5 gets wrong, and the tests by which it does not come back here.
//!
//! The numbers are those of the project's list of known defects of the crates it replaces.
#![cfg(not(loom))]

use std::{fs, path::Path};

struct Defect {
    number: u32,
    /// What went wrong there.
    there: &'static str,
    /// The tests, as `file: function`; of the pairs in `tests/ui`, one must not compile, and its
    /// twin must.
    here: &'static [&'static str],
}

const DEFECTS: &[Defect] = &[
    Defect {
        number: 1,
        there: "a node that a cursor's `next` gave could be used after the cursor removed it, and \
                be had twice",
        here: &[
            "tests/ui/cursor_lends",
            "src/list/tests.rs: a_cursor_lends_what_it_passes",
        ],
    },
    Defect {
        number: 2,
        there: "stacks and transfer stacks were `Send` and `Sync` for every node",
        here: &[
            "tests/ui/stack_send",
            "tests/auto_traits.rs: exclusive_collections",
            "tests/auto_traits.rs: shared_collections",
        ],
    },
    Defect {
        number: 3,
        there: "one consumer was shared by two threads, which got elements twice",
        here: &[
            "tests/ui/consumer_shared",
            "tests/mpsc_stress.rs: many_producers_and_consumers_in_turn",
            "tests/loom.rs: try_consume_against_try_consume",
        ],
    },
    Defect {
        number: 4,
        there: "a list was `Send` though its handles were not",
        here: &[
            "tests/ui/handle_send",
            "tests/auto_traits.rs: shared_collections",
        ],
    },
    Defect {
        number: 32,
        there: "the index was wrong behind a step back past the head, so that `split_after` broke \
                the lengths; a sole element was not linked",
        here: &[
            "src/list/tests.rs: a_cursor_steps_back_past_the_head",
            "src/list/tests.rs: a_sole_element_is_linked",
            "tests/list_model.rs: a_list_is_a_deque",
        ],
    },
];

/// The table says what is: each test that it names is there.
#[test]
fn each_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for Defect {
        number,
        there,
        here,
    } in DEFECTS
    {
        assert!(!here.is_empty());
        for test in *here {
            let context = format!("defect {number} ({there}): {test}");
            if let Some((file, function)) = test.split_once(": ") {
                let source = fs::read_to_string(root.join(file)).expect(&context);
                assert!(source.contains(&format!("fn {function}(")), "{context}");
            } else {
                for outcome in ["fails.rs", "fails.stderr", "passes.rs"] {
                    assert!(root.join(format!("{test}_{outcome}")).exists(), "{context}");
                }
            }
        }
    }
}
