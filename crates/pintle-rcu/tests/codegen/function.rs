//! One function's assembly, as the compiler writes it, and the ways through it.

use std::collections::BTreeMap;

/// What an instruction is to the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A call of the function of that name, or a jump into it that does not come back.
    Call(String),
    /// Orders all that is before against all that is after: a fence, or a locked instruction.
    Fence,
    /// ARM: a load that what follows is ordered after.
    AcquireLoad,
    /// ARM: a store that what comes before is ordered before.
    ReleaseStore,
    /// ARM: another store, at that address; not one to the stack.
    Store(String),
    /// The way through the function ends.
    Return,
    Other,
}

/// A function, line by line.
#[derive(Debug, Default)]
pub(crate) struct Function {
    lines: Vec<String>,
    labels: BTreeMap<String, usize>,
}

/// One way through a function, from its entry to its end, loops left out.
pub(crate) type Path = Vec<Kind>;

/// Reads the functions of a file that LLVM has written for ELF.
pub(crate) fn functions(text: &str) -> BTreeMap<String, Function> {
    let mut functions: BTreeMap<_, Function> = BTreeMap::new();
    let mut current = None;
    for line in text.lines().map(str::trim) {
        if line.starts_with(".Lfunc_end") {
            current = None;
        } else if let Some(label) = line.strip_suffix(':') {
            if label.starts_with(".L") {
                if let Some(function) = current.and_then(|name| functions.get_mut(name)) {
                    let at = function.lines.len();
                    function.labels.insert(label.to_owned(), at);
                }
            } else {
                current = Some(label);
                functions.insert(label.to_owned(), Function::default());
            }
        } else if !line.is_empty() && !line.starts_with(['.', '#', '/']) {
            if let Some(function) = current.and_then(|name| functions.get_mut(name)) {
                let words: Vec<_> = line.split_whitespace().collect();
                function.lines.push(words.join(" "));
            }
        }
    }
    functions.retain(|_, function| !function.lines.is_empty());
    functions
}

// === impl Function ===

impl Function {
    /// Every way from the entry to a return. One that ends in a panic is none.
    pub(crate) fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.walk(0, &mut Vec::new(), &mut Vec::new(), &mut paths);
        paths
    }

    /// What all its instructions are.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.lines.iter().map(|line| kind(line)).collect()
    }

    fn walk(&self, mut at: usize, been: &mut Vec<usize>, path: &mut Path, paths: &mut Vec<Path>) {
        let (been_before, path_before) = (been.len(), path.len());
        // The lines end after a call that does not return.
        while let Some(line) = self.lines.get(at) {
            if been.contains(&at) {
                break;
            }
            been.push(at);
            let target = line.rsplit([' ', ',']).next().unwrap_or_default();
            let within = self.labels.get(target).filter(|_| is_jump(line));
            let before = path.len();
            let ends = match within {
                Some(&target) => {
                    self.walk(target, been, path, paths);
                    is_unconditional(line)
                }
                // Into another function, which does not come back here.
                None if is_jump(line) => {
                    path.push(kind(line));
                    paths.push(path.clone());
                    path.truncate(before);
                    is_unconditional(line)
                }
                None => {
                    path.push(kind(line));
                    let returns = path.last() == Some(&Kind::Return);
                    if returns {
                        paths.push(path.clone());
                    }
                    // What follows a panic is another stretch, with a label of its own.
                    returns
                        || matches!(path.last(), Some(Kind::Call(name)) if name.contains("panic"))
                }
            };
            if ends {
                break;
            }
            at += 1;
        }
        been.truncate(been_before);
        path.truncate(path_before);
    }
}

fn mnemonic(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

/// x86's and ARM's jumps, which have their target at the end of the line.
fn is_jump(line: &str) -> bool {
    let name = mnemonic(line);
    name.starts_with('j')
        || name == "b"
        || name.starts_with("b.")
        || matches!(name, "cbz" | "cbnz" | "tbz" | "tbnz")
}

fn is_unconditional(line: &str) -> bool {
    matches!(mnemonic(line), "jmp" | "jmpq" | "b" | "br")
}

fn kind(line: &str) -> Kind {
    let name = mnemonic(line);
    let operand = line.strip_prefix(name).unwrap_or_default().trim();
    let memory = operand.find('[').map(|at| operand[at..].to_owned());
    match name {
        "ret" | "retq" => Kind::Return,
        "call" | "callq" | "bl" | "blr" | "br" => Kind::Call(operand.to_owned()),
        "lock" | "mfence" | "dmb" | "dsb" => Kind::Fence,
        _ if name.starts_with("xchg") && operand.contains('(') => Kind::Fence,
        "ldar" | "ldarb" | "ldapr" | "ldaprb" | "ldapur" => Kind::AcquireLoad,
        "stlr" | "stlrb" | "stlur" => Kind::ReleaseStore,
        "str" | "strb" | "stur" | "stp" => match memory {
            Some(address) if !address.starts_with("[sp") => Kind::Store(address),
            _ => Kind::Other,
        },
        _ if is_jump(line) && !operand.contains(".L") => Kind::Call(operand.to_owned()),
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_through_a_function() {
        let text = "\
f:
    tbnz w9, #0, .LBB0_2
    stlr x9, [x8]
    dmb ish
    ret
.LBB0_2:
    b.hi h
    cbz x9, .LBB0_3
    str x9, [x8, #8]
    str x9, [sp, #8]
    b g
.LBB0_3:
    bl core_panic
.Lfunc_end0:
";
        let functions = functions(text);
        let mut paths = functions["f"].paths();
        for path in &mut paths {
            path.retain(|kind| *kind != Kind::Other);
        }
        assert_eq!(
            paths,
            [
                vec![Kind::Call("h".to_owned())],
                vec![
                    Kind::Store("[x8, #8]".to_owned()),
                    Kind::Call("g".to_owned())
                ],
                vec![Kind::ReleaseStore, Kind::Fence, Kind::Return],
            ]
        );
    }

    #[test]
    fn what_is_locked_on_a_pc() {
        assert_eq!(kind("lock orl $0, -64(%rsp)"), Kind::Fence);
        assert_eq!(kind("xchgq %rax, (%rdi)"), Kind::Fence);
        assert_eq!(kind("xchgq %rax, %rdi"), Kind::Other);
        assert_eq!(kind("ja f"), Kind::Call("f".to_owned()));
        assert_eq!(kind("ja .LBB0_1"), Kind::Other);
        assert_eq!(
            kind("jmpq *f@GOTPCREL(%rip)"),
            Kind::Call("*f@GOTPCREL(%rip)".to_owned())
        );
    }
}
