use super::*;

/// The difference between `a.f` and `b.f`.
fn difference(text: &str) -> Option<String> {
    let assembly = Assembly::parse(text);
    let pairs = assembly.pairs("a.", "b.");
    assert_eq!(pairs.len(), 1, "one pair");
    pairs[0].difference()
}

#[test]
fn directives_and_the_names_of_labels_do_not_count() {
    let text = "
a.f:
	.cfi_startproc
	testb	$1, %dil
	jne	.LBB0_7
	ret
.LBB0_7:
	xorl	%eax, %eax
	ret
.Lfunc_end0:
	.size	a.f, .Lfunc_end0-a.f
b.f:
	testb $1,   %dil
	jne	.LBB1_1
	ret
.LBB1_2:
.LBB1_1:
	xorl	%eax, %eax
	ret
.Lfunc_end1:
";
    assert_eq!(difference(text), None);
}

#[test]
fn a_number_a_register_and_an_instruction_more_count() {
    let twice = |left: &str, right: &str| {
        difference(&format!(
            "a.f:\n\t{left}\n\tret\n.Lfunc_end0:\nb.f:\n\t{right}\n\tret\n.Lfunc_end1:\n"
        ))
    };
    assert_eq!(twice("shrl $3, %eax", "shrl $3, %eax"), None);
    let shown = twice("shrl $3, %eax", "shrl $4, %eax").unwrap();
    assert!(shown.contains("! shrl $3, %eax"), "{shown}");
    assert!(shown.contains("shrl $4, %eax"), "{shown}");
    assert!(twice("shrl $3, %eax", "shrl $3, %ecx").is_some());
    assert!(twice("shrl $3, %eax", "shrl $3, %eax\n\tandl $1, %eax").is_some());
    assert!(
        twice(".long 4095", ".long 4096").is_some(),
        "a constant beside the code"
    );
}

#[test]
fn a_jump_to_another_place_counts() {
    let loops_to = |label: &str| {
        format!("\tnop\n.LBB0_1:\n\tdecl %eax\n.LBB0_2:\n\tdecl %ecx\n\tjne\t{label}\n\tret\n")
    };
    let text = |left: &str, right: &str| {
        let (left, right) = (loops_to(left), loops_to(right));
        format!("a.f:\n{left}.Lfunc_end0:\nb.f:\n{right}.Lfunc_end1:\n")
    };
    assert_eq!(difference(&text(".LBB0_1", ".LBB0_1")), None);
    assert!(difference(&text(".LBB0_1", ".LBB0_2")).is_some());
}

#[test]
fn an_alias_is_equal_and_a_missing_twin_is_not() {
    let function = "a.f:\n\tret\n.Lfunc_end0:\n";
    assert_eq!(difference(&format!("{function}\nb.f = a.f\n")), None);
    assert_eq!(difference(&format!("{function}\n\t.set b.f, a.f\n")), None);
    assert!(difference(function).is_some());
}

#[test]
fn a_stretch_that_is_only_jumped_to_may_lie_anywhere() {
    let text = "
a.f:
	lsls	r3, r2, #31
	bne	.LBB0_2
	cbz	r1, .LBB0_3
	b	.LBB0_2
.LBB0_2:
	movs	r0, #0
	pop	{r7, pc}
.LBB0_3:
	movs	r0, #1
	pop	{r7, pc}
.Lfunc_end0:
b.f:
	lsls	r3, r2, #31
	bne	.LBB1_3
	cbz	r1, .LBB1_2
	b	.LBB1_3
.LBB1_2:
	movs	r0, #1
	pop	{r7, pc}
.LBB1_3:
	movs	r0, #0
	pop	{r7, pc}
.Lfunc_end1:
";
    assert_eq!(difference(text), None);
    let (head, swapped) = text.split_once("b.f:").unwrap();
    let swapped = swapped.replacen("r0, #1", "r0, #2", 1);
    assert!(difference(&format!("{head}b.f:{swapped}")).is_some());
}

#[test]
fn a_failed_check_is_a_failed_check_however_it_panics() {
    let text = |left: &str, right: &str| {
        format!(
            "
a.f:
	{left}
	pushq	%rax
	leaq	.Lanon.1(%rip), %rdx
	callq	one
.Lfunc_end0:
b.f:
	{right}
	pushq	%rax
	callq	*two@GOTPCREL(%rip)
	ud2
.Lfunc_end1:
"
        )
    };
    let check = "cmpl $3, %edi\n\tje .LBB0_1\n\tmovl %edi, %eax\n\tretq\n.LBB0_1:";
    let other = check.replace("$3", "$4");
    assert_eq!(difference(&text(check, check)), None);
    assert!(difference(&text(check, &other)).is_some(), "another check");
    assert!(
        difference(&text(check, "movl %edi, %eax\n\tretq\n.LBB0_1:")).is_some(),
        "no check"
    );
    // The check right before the panic, with no label between them.
    let falls = "cmpl $3, %edi\n\tjne .LBB0_2\n.LBB0_9:";
    let other = falls.replace("$3", "$4");
    assert_eq!(difference(&text(falls, falls)), None);
    assert!(difference(&text(falls, &other)).is_some(), "another check");
}

#[test]
fn a_call_that_returns_is_compared() {
    let text = |callee: &str| {
        format!(
            "a.f:\n\tbl one\n\tpop {{r7, pc}}\n.Lfunc_end0:\nb.f:\n\tbl {callee}\n\tpop {{r7, pc}}\n.Lfunc_end1:\n"
        )
    };
    assert_eq!(difference(&text("one")), None);
    assert!(difference(&text("two")).is_some());
}
