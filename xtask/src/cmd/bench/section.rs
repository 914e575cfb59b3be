//! Sections of docs/benchmarks.md that are measured apart from the rest.

use std::fs;

use anyhow::Result;

use super::DOCUMENT;

/// Writes a section, which begins with `heading`, in the place of the one that stands in the
/// document, or at its end.
pub(super) fn write(heading: &str, section: &str) -> Result<()> {
    let document = fs::read_to_string(DOCUMENT)?;
    fs::write(DOCUMENT, replace(&document, heading, section))?;
    Ok(())
}

fn replace(document: &str, heading: &str, section: &str) -> String {
    let start = document.find(heading).unwrap_or(document.len());
    let (before, old) = document.split_at(start);
    // The next heading of the same level.
    let after = old.find("\n## ").map_or("", |index| &old[index..]);
    format!("{}\n\n{section}{after}", before.trim_end())
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn the_section_takes_its_place() {
        let new = "## B\n\nnew\n";
        let old = "# A\n\n## B\n\nold\n\n## Z\n";
        assert_eq!(replace(old, "## B", new), format!("# A\n\n{new}\n## Z\n"));
        assert_eq!(replace("# A\n", "## B", new), format!("# A\n\n{new}"));
    }
}
