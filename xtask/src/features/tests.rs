use super::*;

fn manifest(features: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    features
        .iter()
        .map(|(name, on)| {
            let on = on.iter().map(|&name| name.to_owned()).collect();
            ((*name).to_owned(), on)
        })
        .collect()
}

fn labels(features: &[(&str, &[&str])]) -> Vec<String> {
    sets(&manifest(features))
        .iter()
        .map(FeatureSet::label)
        .collect()
}

#[test]
fn a_crate_without_features_has_one_set() {
    assert_eq!(labels(&[]), ["none = all"]);
    assert_eq!(labels(&[("default", &[])]), ["none = default = all"]);
}

#[test]
fn every_single_feature_and_both_extremes_are_there() {
    assert_eq!(
        labels(&[("default", &["a"]), ("a", &[]), ("b", &[]), ("c", &[])]),
        ["none", "default = a", "b", "c", "all"]
    );
}

#[test]
fn sets_are_told_apart_by_what_they_turn_on() {
    // `std` brings `alloc`, so `std` is already all there is.
    assert_eq!(
        labels(&[("alloc", &[]), ("std", &["alloc", "dep:libc", "core/std"])]),
        ["none", "alloc", "std = all"]
    );
}

#[test]
fn features_may_turn_each_other_on() {
    assert_eq!(
        labels(&[("a", &["b"]), ("b", &["a"])]),
        ["none", "a = b = all"]
    );
}

#[test]
fn extremes_are_none_and_all() {
    let sets = extremes(&manifest(&[("a", &[]), ("b", &[])]), &[]);
    let labels: Vec<_> = sets.iter().map(FeatureSet::label).collect();
    assert_eq!(labels, ["none", "all"]);
    assert_eq!(extremes(&manifest(&[]), &[]).len(), 1);
}

#[test]
fn cargo_is_told_no_default_features_and_the_request() {
    let sets = sets(&manifest(&[("default", &["a"]), ("a", &["b"]), ("b", &[])]));
    let args: Vec<_> = sets.iter().map(FeatureSet::cargo_args).collect();
    assert_eq!(args[0], ["--no-default-features"]);
    assert_eq!(args[1], ["--no-default-features", "--features=default"]);
}

#[test]
fn extremes_leave_out_what_they_are_told_to_and_what_turns_it_on() {
    let manifest = manifest(&[("new", &[]), ("old", &[]), ("over_new", &["new"])]);
    let sets = extremes(&manifest, &["new".to_owned()]);
    let requests: Vec<_> = sets.iter().map(|set| set.request.clone()).collect();
    assert_eq!(requests, [vec![], vec!["old".to_owned()]]);
}
