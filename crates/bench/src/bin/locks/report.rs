//! The section of the report, in Markdown.

use std::fmt::{self, Write as _};
use std::time::Duration;

use crate::series::{self, CROWD, Measured, Plan};
use crate::shared::WRITE_EVERY;

/// Where the section begins in the document.
const HEADING: &str = "## Contended locks";

/// Writes what was measured of both kinds.
pub(crate) fn markdown(
    exclusive: &[Measured],
    shared: &[Measured],
    plan: &Plan,
) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(out, "{HEADING}\n")?;
    writeln!(
        out,
        "Threads start at a barrier, warm up, and take the same lock as often as they can, {} rounds of {} ms for \
         each lock ({} ms if there are more threads than cores), in turn. **Mops/s**: millions of locks and unlocks per second of all threads \
         together, the median with the least and the most beside it. **Share**: what the thread that got \
         least has, by what the one that got most has (median). **Changes**: how often the holder was \
         another than the one before, the warm-up included, in the round with the fewest; a round with fewer than {} per \
         millisecond, whose threads ran one after the other, was run again. **Longest wait**: of any thread, in 5 rounds of \
         their own with a clock that is read each time: the median of the rounds, and the worst. With more \
         threads than cores the scheduler's time slice is part of it.",
        plan.rounds,
        plan.time.as_millis(),
        (plan.time * CROWD).as_millis(),
        series::CHANGES_PER_MS,
    )?;
    tables(&mut out, exclusive, "Exclusive", "lock, count up, unlock")?;
    tables(
        &mut out,
        shared,
        "Readers and writers",
        &format!("read, or one time in {WRITE_EVERY} write (whose changes and waits they are)"),
    )?;
    Ok(out)
}

fn tables(out: &mut String, measured: &[Measured], title: &str, what: &str) -> fmt::Result {
    let mut threads = 0;
    for row in measured {
        if row.threads != threads {
            threads = row.threads;
            let s = if threads == 1 { "" } else { "s" };
            writeln!(out, "\n### {title}: {what}; {threads} thread{s}\n")?;
            writeln!(
                out,
                "| | Mops/s, median | least … most | share | changes | longest wait, median | worst |\n\
                 |---|--:|--:|--:|--:|--:|--:|"
            )?;
        }
        let emphasis = if row.name.starts_with("pintle") {
            "**"
        } else {
            ""
        };
        let [least, median, most] = row.mops;
        writeln!(
            out,
            "| {emphasis}{}{emphasis} | {median:.1} | {least:.1} … {most:.1} | {:.2} | {} | {} | {} |",
            row.name,
            row.share,
            row.changes,
            time(row.longest_wait[0]),
            time(row.longest_wait[1]),
        )?;
    }
    Ok(())
}

fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1e3 {
        format!("{micros:.0} µs")
    } else {
        format!("{:.1} ms", micros / 1e3)
    }
}

/// Puts the section in the place of the one that stands in the document, or at its end.
pub(crate) fn replace_section(document: &str, section: &str) -> String {
    let start = document.find(HEADING).unwrap_or(document.len());
    let (before, old) = document.split_at(start);
    // The next heading of the same level.
    let after = old
        .match_indices("\n## ")
        .next()
        .map_or("", |(index, _)| &old[index..]);
    format!("{}\n\n{}{after}", before.trim_end(), section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_in_its_place() {
        let document = "# A\n\n## Contended locks\n\nold\n\n### old\n\n## Z\n";
        let new = replace_section(document, "## Contended locks\n\nnew\n");
        assert_eq!(new, "# A\n\n## Contended locks\n\nnew\n\n## Z\n");
        let appended = replace_section("# A\n", "## Contended locks\n\nnew\n");
        assert_eq!(appended, "# A\n\n## Contended locks\n\nnew\n");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(time(Duration::from_micros(12)), "12 µs");
        assert_eq!(time(Duration::from_micros(12_345)), "12.3 ms");
    }
}
