//! The table, and the question whether a graph fits it.
//!
//! Which crate stands on which floor, and what may be imported from outside, is decided
//! in docs/architecture.md; a change there is a change to the two tables here.

/// One published crate of the kit.
struct Room {
    name: &'static str,
    floor: u8,
    /// What it may import of its own floor.
    beside: &'static [&'static str],
    /// What it may import only behind a feature.
    by_feature: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    room("pintle-core", 0),
    Room {
        // Fields in an atomic word are a feature: the macros alone need nothing.
        by_feature: &["pintle-core"],
        ..room("pintle-bitfield", 1)
    },
    Room {
        beside: &["pintle-bitfield"],
        ..room("pintle-intrusive", 1)
    },
    room("pintle-park", 2),
    Room {
        // A kernel that brings its own locks has no operating system to park on.
        by_feature: &["pintle-park"],
        ..room("pintle-lock", 3)
    },
    room("pintle-sync", 4),
    room("pintle-rcu", 5),
    room("pintle-time", 5),
    room("pintle-task", 5),
    room("pintle", 6),
];

const fn room(name: &'static str, floor: u8) -> Room {
    Room {
        name,
        floor,
        beside: &[],
        by_feature: &[],
    }
}

/// One library of others that the kit may build on.
struct Guest {
    name: &'static str,
    who: Who,
    /// Whether it must stand under `[target.'cfg(..)'.dependencies]`.
    by_target: bool,
}

enum Who {
    /// These crates only.
    Only(&'static [&'static str]),
    /// Every crate from that floor upwards.
    From(u8),
}

const GUESTS: &[Guest] = &[
    // The choice between core, portable-atomic and loom is made in one place; pintle-park
    // models its futex over loom.
    guest("portable-atomic", Who::Only(&["pintle-core"]), true),
    guest("loom", Who::Only(&["pintle-core", "pintle-park"]), true),
    guest("libc", Who::From(2), true),
    guest("windows-sys", Who::From(2), true),
    guest("mutex-traits", Who::From(3), false),
    guest("lock_api", Who::From(3), false),
    guest("critical-section", Who::From(3), false),
    guest("pin-project-lite", Who::From(0), false),
    guest("tracing", Who::From(4), false),
    guest("futures-core", Who::From(4), false),
    guest("embedded-hal-async", Who::Only(&["pintle-time"]), false),
];

const fn guest(name: &'static str, who: Who, by_target: bool) -> Guest {
    Guest {
        name,
        who,
        by_target,
    }
}

/// A dependency that a manifest declares.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) kind: Kind,
    pub(super) optional: bool,
    /// The target or cfg it is declared for.
    pub(super) target: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Build,
    Dev,
}

/// Every published crate must stand in the table, and every edge must fit it. Gives one
/// message for each that does not, with what to do about it.
pub(super) fn violations(published: &[String], edges: &[Edge]) -> Vec<String> {
    let homeless = published
        .iter()
        .filter(|name| find(name).is_none())
        .map(|name| {
            format!(
                "{name} stands on no floor; give it one in docs/architecture.md and in \
             xtask/src/cmd/layers/house.rs, or `publish = false` in its manifest"
            )
        });
    let edges = edges.iter().filter_map(|edge| {
        // A crate without a floor has its message already.
        let from = find(&edge.from)?;
        let wrong = match find(&edge.to) {
            Some(to) => inside(from, to, edge),
            None => outside(from, edge),
        };
        wrong.map(|why| format!("{} -> {}: {why}", edge.from, edge.to))
    });
    homeless.chain(edges).collect()
}

fn find(name: &str) -> Option<&'static Room> {
    ROOMS.iter().find(|room| room.name == name)
}

/// Why a crate of the kit may not import that other one.
fn inside(from: &Room, to: &Room, edge: &Edge) -> Option<String> {
    if edge.kind == Kind::Dev {
        // Publishing needs every dependency to be published before, tests' ones too.
        return (to.floor > from.floor).then(|| {
            format!(
                "a dev-dependency on a higher floor ({} on {}); move the test up into {}",
                from.floor, to.floor, to.name
            )
        });
    }
    if to.floor > from.floor {
        return Some(format!(
            "arrows point down only, this one goes from floor {} up to {}; move what is \
             needed down to floor {} or below",
            from.floor, to.floor, from.floor
        ));
    }
    if to.floor == from.floor && !from.beside.contains(&to.name) {
        return Some(format!(
            "crates of one floor ({}) do not import each other; move what both need to a \
             lower floor",
            from.floor
        ));
    }
    if from.by_feature.contains(&to.name) && !edge.optional {
        return Some("allowed only behind a feature; write `optional = true`".to_owned());
    }
    None
}

/// Why a crate of the kit may not import that library of others.
fn outside(from: &Room, edge: &Edge) -> Option<String> {
    if edge.kind == Kind::Dev {
        return None;
    }
    let Some(guest) = GUESTS.iter().find(|guest| guest.name == edge.to) else {
        return Some(
            "not one of the kit's own dependencies; do without it, or give the reason in \
             docs/architecture.md and add it to xtask/src/cmd/layers/house.rs"
                .to_owned(),
        );
    };
    match guest.who {
        Who::Only(crates) if !crates.contains(&from.name) => {
            return Some(format!("only for {}; go through it", crates.join(" and ")));
        }
        Who::From(floor) if from.floor < floor => {
            return Some(format!(
                "for floor {floor} and above, and this is floor {}",
                from.floor
            ));
        }
        Who::Only(_) | Who::From(_) => {}
    }
    (guest.by_target && edge.target.is_none()).then(|| {
        "needed on some targets only; declare it under [target.'cfg(..)'.dependencies]".to_owned()
    })
}
