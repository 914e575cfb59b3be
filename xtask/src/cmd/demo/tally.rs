//! What INFO counts, as a table by crate.

/// The sections about the kit's crates, floor by floor.
const CRATES: [(&str, &str); 7] = [
    ("pintle_task", "pintle-task"),
    ("pintle_time", "pintle-time"),
    ("pintle_rcu", "pintle-rcu"),
    ("pintle_sync", "pintle-sync"),
    ("pintle_lock", "pintle-lock"),
    ("pintle_park", "pintle-park"),
    ("pintle_intrusive", "pintle-intrusive"),
];

/// Each crate with what it did.
pub(super) fn table(info: &str) -> String {
    let mut table = format!("{:<18}{:<26}{:>14}\n", "crate", "what it did", "times");
    for (section, name) in CRATES {
        let mut name = name;
        for (what, count) in counters(info, section) {
            let what = what.replace('_', " ");
            table += &format!("{name:<18}{what:<26}{:>14}\n", grouped(count));
            name = "";
        }
    }
    table
}

/// The counters of one section.
fn counters<'a>(info: &'a str, section: &str) -> impl Iterator<Item = (&'a str, u64)> {
    let heading = format!("# {section}");
    info.lines()
        .skip_while(move |line| line.trim() != heading)
        .skip(1)
        .map_while(|line| line.trim().split_once(':'))
        .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
}

/// A number with a comma at each thousand.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{grouped, table};

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1234567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn sections_become_lines() {
        let info = "# Server\r\nport:1\r\n\r\n# pintle_task\r\npolls:1234\r\nticks:5\r\n\r\n# pintle_rcu\r\nrcu_reads:7\r\n";
        let table = table(info);
        let lines: Vec<Vec<&str>> = table
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(lines[1], ["pintle-task", "polls", "1,234"]);
        assert_eq!(lines[2], ["ticks", "5"]);
        assert_eq!(lines[3], ["pintle-rcu", "rcu", "reads", "7"]);
    }
}
