//! What instruction counts are held to.
//!
//! Counts are the same in every run, so a gate that fails says that the code has changed, and nothing
//! about the machine. Times have no gates.

/// A promise about instruction counts.
#[derive(Debug)]
pub enum Gate {
    /// The contender takes as many instructions in each of the operations, give or take a share.
    Constant {
        /// Whose count it is.
        contender: &'static str,
        /// Where it is the same.
        ops: &'static [&'static str],
        /// How far the most may be above the least, as a share of the least.
        tolerance: f64,
    },
    /// Ours takes no more instructions than the peer.
    NotMore {
        /// In which operation.
        op: &'static str,
        /// Ours.
        ours: &'static str,
        /// The peer.
        peer: &'static str,
    },
    /// Ours takes no more instructions than were promised.
    AtMost {
        /// In which operation.
        op: &'static str,
        /// Ours.
        ours: &'static str,
        /// The promise.
        instructions: f64,
    },
}

/// All gates.
pub const GATES: &[Gate] = &[
    Gate::Constant {
        contender: "pintle LocalLock",
        ops: TIMER_CHURN,
        tolerance: 0.05,
    },
    Gate::Constant {
        contender: "pintle",
        ops: TIMER_CHURN,
        tolerance: 0.05,
    },
    Gate::Constant {
        contender: "pintle DelayQueue",
        ops: TIMER_CHURN,
        tolerance: 0.05,
    },
    Gate::NotMore {
        op: "timer_churn_100k",
        ours: "pintle LocalLock",
        peer: "nexus-timer",
    },
    Gate::NotMore {
        op: "timer_churn_100k",
        ours: "pintle",
        peer: "tokio",
    },
    Gate::NotMore {
        op: "timer_churn_100k",
        ours: "pintle",
        peer: "tokio-util DelayQueue",
    },
    Gate::NotMore {
        op: "timer_churn_100k",
        ours: "pintle DelayQueue",
        peer: "tokio-util DelayQueue",
    },
    Gate::NotMore {
        op: "timer_fire_10k",
        ours: "pintle LocalLock",
        peer: "hierarchical_hash_wheel_timer",
    },
    Gate::AtMost {
        op: "wake_poll",
        ours: "pintle StaticScheduler",
        instructions: 85.0,
    },
    Gate::AtMost {
        op: "waker_clone_drop",
        ours: "pintle StaticScheduler",
        instructions: 16.0,
    },
    Gate::AtMost {
        op: "rcu_read",
        ours: "pintle",
        instructions: 15.0,
    },
    Gate::NotMore {
        op: "rcu_read_nested",
        ours: "pintle",
        peer: "crossbeam-epoch",
    },
    Gate::NotMore {
        op: "rcu_defer",
        ours: "pintle",
        peer: "crossbeam-epoch",
    },
    Gate::NotMore {
        op: "rcu_defer",
        ours: "pintle",
        peer: "haphazard",
    },
    Gate::NotMore {
        op: "rcu_defer",
        ours: "pintle",
        peer: "seize",
    },
];

/// The same operation beside ever more sleeps.
const TIMER_CHURN: &[&str] = &["timer_churn_1k", "timer_churn_100k", "timer_churn_1m"];

/// What became of a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What was asked, and what was found.
    pub what: String,
    /// Whether the gate holds.
    pub holds: bool,
}

// === impl Gate ===

impl Gate {
    /// The pairs of an operation and a contender that it is about.
    pub fn needs(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let (ops, contenders) = match self {
            Self::Constant { contender, ops, .. } => (*ops, [Some(*contender), None]),
            Self::NotMore { op, ours, peer } => {
                (std::slice::from_ref(op), [Some(*ours), Some(*peer)])
            }
            Self::AtMost { op, ours, .. } => (std::slice::from_ref(op), [Some(*ours), None]),
        };
        ops.iter()
            .flat_map(move |op| contenders.into_iter().flatten().map(|name| (*op, name)))
    }

    /// Looks at the counts. `None` if what it needs was not counted.
    #[must_use]
    pub fn check(&self, count: impl Fn(&str, &str) -> Option<f64>) -> Option<Outcome> {
        let counts: Vec<f64> = self
            .needs()
            .map(|(op, contender)| count(op, contender))
            .collect::<Option<_>>()?;
        let shown: Vec<String> = counts.iter().map(|count| format!("{count:.0}")).collect();
        Some(match self {
            Self::Constant {
                contender,
                ops,
                tolerance,
            } => {
                let least = counts.iter().copied().fold(f64::INFINITY, f64::min);
                let most = counts.iter().copied().fold(0.0, f64::max);
                Outcome {
                    what: format!(
                        "{contender}: the same in {} ± {} %: {}",
                        ops.join(", "),
                        tolerance * 100.0,
                        shown.join(", ")
                    ),
                    holds: most <= least * (1.0 + tolerance),
                }
            }
            Self::NotMore { op, ours, peer } => Outcome {
                what: format!(
                    "{op}: {ours} takes no more than {peer}: {}",
                    shown.join(", ")
                ),
                holds: counts[0] <= counts[1],
            },
            Self::AtMost {
                op,
                ours,
                instructions,
            } => Outcome {
                what: format!("{op}: {ours} takes at most {instructions}: {}", shown[0]),
                // A count is a difference by a number of times: a call of the allocator more or less
                // makes no whole instruction.
                holds: counts[0].round() <= *instructions,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops;

    const CONSTANT: Gate = Gate::Constant {
        contender: "ours",
        ops: &["few", "many"],
        tolerance: 0.05,
    };
    const NOT_MORE: Gate = Gate::NotMore {
        op: "few",
        ours: "ours",
        peer: "theirs",
    };
    const AT_MOST: Gate = Gate::AtMost {
        op: "few",
        ours: "ours",
        instructions: 15.0,
    };

    fn holds(gate: &Gate, first: f64, second: f64) -> bool {
        let first_need = gate.needs().next();
        let count = |op: &str, contender: &str| {
            Some(if Some((op, contender)) == first_need {
                first
            } else {
                second
            })
        };
        gate.check(count).expect("all is counted").holds
    }

    #[test]
    fn gates_are_about_what_there_is() {
        for (op, contender) in GATES.iter().flat_map(Gate::needs) {
            let op = ops().find(|candidate| candidate.name == op).expect(op);
            assert!(op.contenders.iter().any(|it| it.name == contender));
        }
    }

    #[test]
    fn what_differs_too_much_is_not_constant() {
        assert!(holds(&CONSTANT, 100.0, 105.0));
        assert!(holds(&CONSTANT, 105.0, 100.0));
        assert!(!holds(&CONSTANT, 100.0, 106.0));
        assert!(!holds(&CONSTANT, 106.0, 100.0));
    }

    #[test]
    fn the_peer_may_be_as_good_but_no_better() {
        assert!(holds(&NOT_MORE, 100.0, 100.0));
        assert!(!holds(&NOT_MORE, 100.1, 100.0));
    }

    #[test]
    fn a_promise_is_kept_to_the_instruction() {
        assert!(holds(&AT_MOST, 15.1, 0.0));
        assert!(!holds(&AT_MOST, 16.0, 0.0));
    }

    #[test]
    fn what_was_not_counted_says_nothing() {
        let few_only = |op: &str, _: &str| (op == "few").then_some(1.0);
        assert_eq!(CONSTANT.check(few_only), None);
    }
}
