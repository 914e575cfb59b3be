//! Made-up graphs, to see each rule fail.

use super::house::{Edge, Kind, violations};

/// A normal dependency, for every target and not optional.
fn edge(from: &str, to: &str) -> Edge {
    Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        kind: Kind::Normal,
        optional: false,
        target: None,
    }
}

#[track_caller]
fn allowed(edge: Edge) {
    assert_eq!(violations(&[], &[edge]), Vec::<String>::new());
}

#[track_caller]
fn refused(edge: Edge, why: &str) {
    let found = violations(&[], &[edge]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(why), "{found:?}");
}

#[test]
fn arrows_point_down() {
    allowed(edge("pintle-task", "pintle-sync"));
    allowed(edge("pintle-rcu", "pintle-park"));
    allowed(edge("pintle", "pintle-core"));
    refused(edge("pintle-core", "pintle-bitfield"), "point down");
    refused(edge("pintle-park", "pintle-lock"), "point down");
    refused(edge("pintle-sync", "pintle-task"), "point down");
    refused(edge("pintle-time", "pintle"), "point down");
}

#[test]
fn build_dependencies_count_like_normal_ones() {
    let build = |from, to| Edge {
        kind: Kind::Build,
        ..edge(from, to)
    };
    refused(build("pintle-core", "pintle-sync"), "point down");
    refused(build("pintle-park", "cc"), "own dependencies");
}

#[test]
fn one_floor_does_not_import_itself_except_intrusive_bitfield() {
    refused(edge("pintle-task", "pintle-time"), "one floor");
    refused(edge("pintle-rcu", "pintle-task"), "one floor");
    refused(edge("pintle-bitfield", "pintle-intrusive"), "one floor");
    allowed(edge("pintle-intrusive", "pintle-bitfield"));
}

#[test]
fn some_edges_need_a_feature() {
    for (from, to) in [
        ("pintle-bitfield", "pintle-core"),
        ("pintle-lock", "pintle-park"),
    ] {
        refused(edge(from, to), "optional = true");
        allowed(Edge {
            optional: true,
            ..edge(from, to)
        });
    }
}

#[test]
fn tests_may_use_other_libraries_but_no_higher_floor() {
    let dev = |from, to| Edge {
        kind: Kind::Dev,
        ..edge(from, to)
    };
    allowed(dev("pintle-sync", "proptest"));
    allowed(dev("pintle-time", "pintle-task"));
    refused(dev("pintle-sync", "pintle-task"), "move the test up");
}

#[test]
fn outside_there_are_only_the_listed_libraries() {
    let on = |target: &str, edge| Edge {
        target: Some(target.to_owned()),
        ..edge
    };
    allowed(edge("pintle-sync", "pin-project-lite"));
    refused(edge("pintle-sync", "spin"), "own dependencies");

    allowed(on("cfg(unix)", edge("pintle-park", "libc")));
    refused(edge("pintle-park", "libc"), "[target.");
    refused(
        on("cfg(unix)", edge("pintle-core", "libc")),
        "floor 2 and above",
    );
    refused(edge("pintle-intrusive", "lock_api"), "floor 3 and above");

    allowed(on("cfg(loom)", edge("pintle-core", "loom")));
    refused(
        on("cfg(loom)", edge("pintle-sync", "loom")),
        "only for pintle-core",
    );
    refused(
        edge("pintle-sync", "portable-atomic"),
        "only for pintle-core",
    );
}

#[test]
fn a_published_crate_needs_a_floor() {
    let found = violations(
        &["pintle-attic".to_owned()],
        &[edge("pintle-attic", "pintle")],
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("stands on no floor"), "{found:?}");
}

#[test]
fn nobody_imports_what_is_not_published() {
    refused(edge("pintle-sync", "pintle-bench"), "own dependencies");
    refused(edge("pintle-sync", "xtask"), "own dependencies");
}
