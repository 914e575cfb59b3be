//! Assembly, as the compiler writes it, read function by function.
//!
//! Two functions are equal if their instructions are: mnemonics, registers and numbers, one by one.
//! What is left out says nothing about the cost:
//!
//! - directives, and the names of labels (they are numbered);
//! - where the compiler puts a stretch of code that is only jumped to;
//! - what is done when a check has failed, which is a call that does not return: that there is one
//!   is compared, and not which one. So a check is compared with a check.
//!
//! A function that the compiler found to be equal itself is an alias.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Write,
};

/// The functions of one file, normalised.
pub(crate) struct Assembly {
    functions: BTreeMap<String, Vec<String>>,
    /// One name, and whose function it is another name of.
    aliases: BTreeMap<String, String>,
}

/// Two functions that should be equal.
pub(crate) struct Pair<'a> {
    name: &'a str,
    left: Option<&'a [String]>,
    right: Option<&'a [String]>,
}

/// Instructions that run one after the other, up to a jump.
#[derive(Default)]
struct Block {
    /// Who jumps here, jumps to this.
    label: Option<String>,
    lines: Vec<String>,
}

// === impl Assembly ===

impl Assembly {
    /// Reads what LLVM writes for ELF.
    pub(crate) fn parse(text: &str) -> Self {
        let mut functions: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        let mut aliases = BTreeMap::new();
        let mut current: Option<&str> = None;
        for line in text.lines().map(str::trim) {
            if let Some((name, of)) = alias(line) {
                aliases.insert(name.to_owned(), of.to_owned());
            } else if line.starts_with(".Lfunc_end") {
                current = None;
            } else if let Some(name) = line
                .strip_suffix(':')
                .filter(|name| !name.starts_with(".L"))
            {
                functions.entry(name.to_owned()).or_default();
                current = Some(name);
            } else if is_label(line) || is_code(line) {
                if let Some(name) = current {
                    functions.entry(name.to_owned()).or_default().push(line);
                }
            }
        }
        let functions = functions
            .into_iter()
            .map(|(name, lines)| (name, normalise(&lines)))
            .collect();
        Self { functions, aliases }
    }

    /// Every function whose name starts with one of these, with the one that has the other.
    pub(crate) fn pairs(&self, left: &str, right: &str) -> Vec<Pair<'_>> {
        let names: BTreeSet<_> = self
            .functions
            .keys()
            .chain(self.aliases.keys())
            .filter_map(|name| name.strip_prefix(left).or_else(|| name.strip_prefix(right)))
            .collect();
        let pair = |name| Pair {
            name,
            left: self.function(&format!("{left}{name}")),
            right: self.function(&format!("{right}{name}")),
        };
        names.into_iter().map(pair).collect()
    }

    fn function(&self, name: &str) -> Option<&[String]> {
        let name = self.aliases.get(name).map_or(name, String::as_str);
        self.functions.get(name).map(Vec::as_slice)
    }
}

/// `name = other` and `.set name, other`.
fn alias(line: &str) -> Option<(&str, &str)> {
    let (name, of) = match line
        .strip_prefix(".set")
        .or(line.strip_prefix(".thumb_set"))
    {
        Some(rest) => rest.split_once(',')?,
        None => line.split_once(" = ")?,
    };
    Some((name.trim(), of.trim()))
}

fn is_label(line: &str) -> bool {
    line.starts_with(".L") && line.ends_with(':')
}

/// An instruction, or a constant that lies between instructions.
fn is_code(line: &str) -> bool {
    const DATA: [&str; 5] = [".byte", ".short", ".long", ".quad", ".inst"];
    !line.is_empty()
        && !line.starts_with('#')
        && (!line.starts_with('.') || DATA.iter().any(|data| line.starts_with(data)))
}

/// Brings a function into the form in which it is compared.
fn normalise(lines: &[&str]) -> Vec<String> {
    let mut stretches = stretches(blocks(lines));

    // From the entry on, in the order in which they are jumped to; then those that nobody names.
    let mut ordered: Vec<Block> = Vec::new();
    let mut wanted: VecDeque<String> = VecDeque::new();
    while !stretches.is_empty() {
        let next = wanted
            .pop_front()
            .map_or(Some(0), |label| position(&stretches, &label));
        let Some(next) = next else { continue };
        for block in stretches.remove(next) {
            wanted.extend(block.lines.iter().flat_map(|line| labels(line)));
            ordered.push(block);
        }
    }

    // A label that nobody names is none.
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for label in ordered
        .iter()
        .flat_map(|block| &block.lines)
        .flat_map(|line| labels(line))
    {
        let number = numbers.len();
        numbers.entry(label).or_insert(number);
    }
    let own: BTreeSet<_> = ordered
        .iter()
        .filter_map(|block| block.label.clone())
        .collect();
    numbers.retain(|label, _| own.contains(label));

    let mut result = Vec::new();
    for block in ordered {
        if let Some(number) = block.label.and_then(|label| numbers.get(&label).copied()) {
            result.push(format!("L{number}:"));
        }
        for mut line in block.lines {
            for label in labels(&line) {
                if let Some(number) = numbers.get(&label) {
                    line = line.replace(&label, &format!("L{number}"));
                }
            }
            result.push(line);
        }
    }
    result
}

/// Cuts at labels and after jumps.
fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for line in lines {
        if is_label(line) {
            blocks.push(Block {
                label: line.strip_suffix(':').map(str::to_owned),
                lines: Vec::new(),
            });
            continue;
        }
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let ends = is_jump(&line);
        blocks.last_mut().unwrap().lines.push(line);
        if ends {
            blocks.push(Block::default());
        }
    }
    for block in &mut blocks {
        if block.lines.last().is_some_and(|line| line == "ud2") {
            block.lines.pop();
        }
        // Nothing follows the call, so it does not return.
        if block.lines.last().is_some_and(|line| is_call(line)) {
            block.lines = vec![PANIC.to_owned()];
        }
    }
    blocks.retain(|block| block.label.is_some() || !block.lines.is_empty());
    blocks
}

/// What stands for a call that does not return, and for what leads to it.
const PANIC: &str = "(panics)";

/// Puts those together that run into each other.
fn stretches(blocks: Vec<Block>) -> Vec<Vec<Block>> {
    let mut stretches = vec![Vec::new()];
    for block in blocks {
        let ends = block.lines.last().is_some_and(|line| is_end(line));
        stretches.last_mut().unwrap().push(block);
        if ends {
            stretches.push(Vec::new());
        }
    }
    stretches.retain(|stretch| !stretch.is_empty());
    stretches
}

fn position(stretches: &[Vec<Block>], label: &str) -> Option<usize> {
    stretches.iter().position(|stretch| {
        stretch
            .iter()
            .any(|block| block.label.as_deref() == Some(label))
    })
}

/// The local labels that a line names.
fn labels(line: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$');
    line.split(|c| !is_name(c))
        .filter(|word| word.starts_with(".L"))
        .map(str::to_owned)
        .collect()
}

fn mnemonic(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

/// Whether the instruction calls: x86's and ARM's.
fn is_call(line: &str) -> bool {
    matches!(mnemonic(line), "call" | "callq" | "bl" | "blx")
}

/// Whether the instruction may go somewhere else.
fn is_jump(line: &str) -> bool {
    const ARM_CONDITIONS: [&str; 14] = [
        "eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
    ];
    let name = mnemonic(line).trim_end_matches(".w");
    let conditional = |prefix| {
        name.strip_prefix(prefix)
            .is_some_and(|condition| ARM_CONDITIONS.contains(&condition))
    };
    is_end(line)
        || name.starts_with('j')
        || matches!(name, "cbz" | "cbnz")
        || conditional("b")
        || conditional("bx")
        || conditional("pop") && line.contains("pc")
}

/// Whether nothing runs from this line into the next one.
fn is_end(line: &str) -> bool {
    let name = mnemonic(line).trim_end_matches(".w");
    matches!(name, "jmp" | "ret" | "retq" | "b" | "bx" | "udf")
        || name == "pop" && line.contains("pc")
        || line == PANIC
}

// === impl Pair ===

impl Pair<'_> {
    /// Both, side by side, if they differ.
    pub(crate) fn difference(&self) -> Option<String> {
        let (Some(left), Some(right)) = (self.left, self.right) else {
            return Some(format!("{}: one of the two is missing", self.name));
        };
        if left == right {
            return None;
        }
        let mut shown = format!("{}:  (left by field, right by hand)", self.name);
        for i in 0..left.len().max(right.len()) {
            let line = |side: &[String]| side.get(i).cloned().unwrap_or_default();
            let mark = if left.get(i) == right.get(i) {
                ' '
            } else {
                '!'
            };
            write!(shown, "\n  {mark} {:40} {}", line(left), line(right)).unwrap();
        }
        Some(shown)
    }
}
