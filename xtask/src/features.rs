//! The feature sets that a crate is checked with: none, default, each single one, all.

use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// One way of building a crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeatureSet {
    /// What the set is called: `none`, `default`, a feature, `all`. Sets that come out
    /// the same are one set with several names.
    names: Vec<String>,
    /// What is asked for on cargo's command line.
    request: Vec<String>,
    /// What is on in the end: the request and every own feature that it turns on.
    closure: BTreeSet<String>,
}

/// Every set of a crate whose manifest has these `[features]`, each once: two sets that
/// turn on the same own features build the same crate.
pub(crate) fn sets(features: &BTreeMap<String, Vec<String>>) -> Vec<FeatureSet> {
    let singles = || features.keys().filter(|name| *name != DEFAULT);
    let mut sets = Vec::new();
    add(&mut sets, features, "none", Vec::new());
    if features.contains_key(DEFAULT) {
        add(&mut sets, features, DEFAULT, vec![DEFAULT.to_owned()]);
    }
    for single in singles() {
        add(&mut sets, features, single, vec![single.clone()]);
    }
    add(&mut sets, features, "all", singles().cloned().collect());
    sets
}

/// The first and the last of [`sets`]: no features, and all but these.
///
/// A feature that turns on one of these counts as one of them.
pub(crate) fn extremes(
    features: &BTreeMap<String, Vec<String>>,
    without: &[String],
) -> Vec<FeatureSet> {
    let kept = |name: &String| {
        let closure = closure(features, std::slice::from_ref(name));
        !without.iter().any(|other| closure.contains(other))
    };
    let kept = features
        .iter()
        .filter(|(name, _)| kept(name))
        .map(|(name, turns_on)| (name.clone(), turns_on.clone()))
        .collect();
    let mut sets = sets(&kept);
    sets.retain(|set| set.is("none") || set.is("all"));
    sets
}

const DEFAULT: &str = "default";

fn add(
    sets: &mut Vec<FeatureSet>,
    features: &BTreeMap<String, Vec<String>>,
    name: &str,
    request: Vec<String>,
) {
    let closure = closure(features, &request);
    match sets.iter_mut().find(|set| set.closure == closure) {
        Some(same) => same.names.push(name.to_owned()),
        None => sets.push(FeatureSet {
            names: vec![name.to_owned()],
            request,
            closure,
        }),
    }
}

/// The own features that a request turns on. `dep:x`, `x/y` and `x?/y` follow from
/// them and are left out; so is `default`, which is only a name for others.
fn closure(features: &BTreeMap<String, Vec<String>>, request: &[String]) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&String> = request.iter().collect();
    while let Some(name) = open.pop() {
        if let Some(turns_on) = features.get(name)
            && reached.insert(name.clone())
        {
            open.extend(turns_on);
        }
    }
    reached.remove(DEFAULT);
    reached
}

// === impl FeatureSet ===

impl FeatureSet {
    /// What the set is called, all its names.
    pub(crate) fn label(&self) -> String {
        self.names.join(" = ")
    }

    /// Whether this is (also) the set of that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }

    /// What cargo is told.
    pub(crate) fn cargo_args(&self) -> Vec<String> {
        let mut args = vec!["--no-default-features".to_owned()];
        if !self.request.is_empty() {
            args.push(format!("--features={}", self.request.join(",")));
        }
        args
    }
}
