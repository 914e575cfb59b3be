use anyhow::anyhow;

use super::*;

fn report(strict: bool, verdicts: Vec<Result<Verdict>>) -> Report {
    let mut report = Report::new(strict);
    for (index, verdict) in verdicts.into_iter().enumerate() {
        report.step(format!("step {index}"), || verdict);
    }
    report
}

#[test]
fn passes_when_every_step_passed() {
    let report = report(
        true,
        vec![Ok(Verdict::passed("")), Ok(Verdict::passed("fine"))],
    );
    assert!(report.verdict().is_ok());
}

#[test]
fn an_error_fails_the_run_and_the_next_steps_still_run() {
    let report = report(
        false,
        vec![
            Err(anyhow!("broken\nin two lines")),
            Ok(Verdict::passed("")),
        ],
    );
    assert_eq!(report.steps.len(), 2);
    assert_eq!(report.steps[0].verdict.note, "broken");
    assert_eq!(
        report.verdict().unwrap_err().to_string(),
        "1 of 2 steps failed"
    );
}

#[test]
fn a_skipped_step_fails_only_where_it_was_promised() {
    assert!(
        report(false, vec![Ok(Verdict::skipped("apt-get install x"))])
            .verdict()
            .is_ok()
    );
    assert!(
        report(true, vec![Ok(Verdict::skipped("apt-get install x"))])
            .verdict()
            .is_err()
    );

    let mut relaxed = Report::new(true);
    relaxed.set_strict(false);
    relaxed.step("extra", || Ok(Verdict::skipped("x")));
    assert!(relaxed.verdict().is_ok());
}

#[test]
fn tests_add_up() {
    let ran = |passed, failed| Tally {
        passed,
        failed,
        ignored: 0,
    };
    let report = report(
        false,
        vec![
            Ok(Verdict::passed("").with_tests(ran(3, 0))),
            Ok(Verdict::failed("").with_tests(ran(4, 1))),
        ],
    );
    assert_eq!(report.tests().to_string(), "7 passed, 1 failed");
}

#[test]
fn the_table_is_aligned_and_says_what_to_install() {
    let mut report = report(false, vec![Ok(Verdict::passed("12 files"))]);
    report.step("a longer name", || {
        Ok(Verdict::skipped("apt-get install valgrind"))
    });
    for step in &mut report.steps {
        step.time = Duration::from_millis(1250);
    }
    assert_eq!(
        report.table(),
        "step           result       time\n\
         step 0         passed      1.2 s  12 files\n\
         a longer name  skipped     1.2 s  to run it: apt-get install valgrind\n"
    );
}
