//! Reading and formatting of texts, sound and broken.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mlflow_compiler::diagnostics::Diagnostic;
use mlflow_compiler::source::FileId;
use mlflow_compiler::syntax::tree::*;
use mlflow_compiler::syntax::{format, parse, parse_expression};

const FILE: FileId = FileId(0);

fn folder(path: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut found = Vec::new();
    let mut waiting = vec![root];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "mlflow") {
                let text = std::fs::read_to_string(&path).expect("a readable file");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

fn errors(text: &str) -> Vec<Diagnostic> {
    parse(FILE, text).diagnostics.finish()
}

fn codes(text: &str) -> Vec<&'static str> {
    errors(text).iter().map(Diagnostic::code).collect()
}

/// The tree without its places.
fn shape(text: &str) -> String {
    let parsed = parse(FILE, text);
    let printed = std::format!("{:?}", parsed.file.declarations);
    let mut out = String::with_capacity(printed.len());
    let mut rest = printed.as_str();
    while let Some(at) = rest.find("0:") {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after[2..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(after.len(), |length| length + 2);
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

// ---- sound texts

#[test]
fn sound_files_are_read_without_a_finding() {
    let mut files = folder("tests/syntax/valid");
    files.extend(folder("../stdlib"));
    files.extend(folder("../examples"));
    assert!(files.len() > 4);
    for (path, text) in files {
        let found = errors(&text);
        assert!(found.is_empty(), "{}: {:?}", path.display(), found);
    }
}

/// An expression as nested lists.
fn show(expression: &Expression) -> String {
    match &*expression.kind {
        ExpressionKind::None => "none".into(),
        ExpressionKind::Null => "null".into(),
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Int(value) => value.to_string(),
        ExpressionKind::Float(value) => std::format!("{value:?}"),
        ExpressionKind::Quantity { number, unit } => std::format!("{number}{unit:?}"),
        ExpressionKind::String(parts) => {
            let parts = parts.iter().map(|part| match part {
                StringPart::Text(text) => std::format!("{text:?}"),
                StringPart::Interpolation(value) => show(value),
            });
            std::format!("<{}>", parts.collect::<Vec<_>>().join(" "))
        }
        ExpressionKind::Jsonata(text) => std::format!("%{text}%"),
        ExpressionKind::Name(name) => name.to_string(),
        ExpressionKind::Member { base, name, optional } => {
            std::format!("({} {} {})", if *optional { "?." } else { "." }, show(base), name.text)
        }
        ExpressionKind::Index { base, index } => std::format!("([] {} {})", show(base), show(index)),
        ExpressionKind::Call { callee, arguments } => {
            std::format!("(call {}{})", show(callee), show_arguments(arguments))
        }
        ExpressionKind::Apply { callee, arguments, body } => {
            let arguments =
                arguments.as_ref().map_or(String::new(), |list| std::format!(" ({})", show_arguments(list).trim()));
            std::format!("(apply {}{arguments} {})", show(callee), show_object(body))
        }
        ExpressionKind::Object(object) => show_object(object),
        ExpressionKind::List(elements) => {
            let elements =
                elements.iter().map(|e| std::format!("{}{}", if e.spread { "..." } else { "" }, show(&e.value)));
            std::format!("[{}]", elements.collect::<Vec<_>>().join(" "))
        }
        ExpressionKind::ListComprehension { clause, element } => {
            std::format!("[{}: {}]", show_clause(clause), show(element))
        }
        ExpressionKind::Unary { operator, operand } => std::format!("({operator:?} {})", show(operand)),
        ExpressionKind::Binary { operator, left, right, .. } => {
            std::format!("({} {} {})", operator.symbol(), show(left), show(right))
        }
        ExpressionKind::If { condition, then, otherwise } => {
            let otherwise = otherwise.as_ref().map_or(String::new(), |value| std::format!(" {}", show(value)));
            std::format!("(if {} {}{otherwise})", show(condition), show(then))
        }
        ExpressionKind::Machine(block) => std::format!("(machine {})", block.declarations.len()),
        ExpressionKind::Pipeline(block) => std::format!("(pipeline {})", block.declarations.len()),
        ExpressionKind::Group(inner) => show(inner),
        ExpressionKind::Error => "error".into(),
    }
}

fn show_clause(clause: &ForClause) -> String {
    let names: Vec<&str> = clause.names.iter().map(|name| name.text.as_str()).collect();
    let condition = clause.condition.as_ref().map_or(String::new(), |value| std::format!(" if {}", show(value)));
    std::format!("for {} in {}{condition}", names.join(","), show(&clause.iterated))
}

fn show_arguments(arguments: &[Argument]) -> String {
    let list = arguments.iter().map(|argument| {
        let name = argument.name.as_ref().map_or(String::new(), |name| std::format!("{}=", name.text));
        std::format!(" {name}{}", show(&argument.value))
    });
    list.collect()
}

fn show_object(object: &Object) -> String {
    let entries = object.entries.iter().map(|entry| match &entry.kind {
        EntryKind::Field { key, value } => std::format!("{}={}", key.text, show(value)),
        EntryKind::Typed(field) => std::format!("{}:type", field.name.text),
        EntryKind::Shorthand(name) => name.text.to_string(),
        EntryKind::Computed { key, value } => std::format!("[{}]={}", show(key), show(value)),
        EntryKind::Spread(value) => std::format!("...{}", show(value)),
        EntryKind::Comprehension { clause, key, value } => {
            std::format!("{}: [{}]={}", show_clause(clause), show(key), show(value))
        }
        EntryKind::Error => "error".into(),
    });
    std::format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
}

#[test]
fn expressions_have_the_meaning_they_look_like() {
    let cases = [
        ("a or b and c", "(or a (and b c))"),
        ("not a == b", "(Not (== a b))"),
        ("not a and b", "(and (Not a) b)"),
        ("a + b * c - d", "(- (+ a (* b c)) d)"),
        ("a - b - c", "(- (- a b) c)"),
        ("-a.b * c", "(* (Negate (. a b)) c)"),
        ("a ?? b == c", "(== (?? a b) c)"),
        ("a + b ?? c", "(?? (+ a b) c)"),
        ("a in [1, 2] and b", "(and (in a [1 2]) b)"),
        ("a < b == c", "(== (< a b) c)"),
        ("(a or b) and c", "(and (or a b) c)"),
        ("if a then b else if c then d else e", "(if a b (if c d e))"),
        ("if a then b", "(if a b)"),
        ("if a\n  then if b then c else d", "(if a (if b c d))"),
        ("a.b?.c.in", "(. (?. (. a b) c) in)"),
        ("f(1, x = 2)[3](g)", "(call ([] (call f 1 x=2) 3) g)"),
        ("f(\n  a\n  + b,\n)", "(call f (+ a b))"),
        ("xs[Name == n].x", "(. ([] xs (== Name n)) x)"),
        ("a.b.C { x = 1 }", "(apply (. (. a b) C) {x=1})"),
        ("xgboost(\"1\") { in { a } }", "(apply xgboost (<\"1\">) {in={a}})"),
        ("{ a, b = 1, c { d = 2 }, \"e f\" = 3, [g] = 4, ...h, i: int }", "{a b=1 c={d=2} e f=3 [g]=4 ...h i:type}"),
        ("{for k, v in m if v: [k] = v}", "{for k,v in m if v: [k]=v}"),
        ("[for x in xs if x > 1: if x then 1]", "[for x in xs if (> x 1): (if x 1)]"),
        ("[a, ...b\n-c, if d then e]", "[a ...b (Negate c) (if d e)]"),
        ("[a\n{ b = 1 }\n[c]\n(d)]", "[a {b=1} [c] d]"),
        ("\"a${b}c${\"d${e}\"}\"", "<\"a\" b \"c\" <\"d\" e>>"),
        ("\"\\${a}\\n\\u{41}\"", "<\"${a}\\nA\">"),
        ("r\"\\d${x}\"", "<\"\\\\d${x}\">"),
        ("\"\"\"\n    a\n      b\n    \"\"\"", "<\"a\\n  b\">"),
        ("\"\"\"\n  a ${b}\n  c\n  \"\"\"", "<\"a \" b \"\\nc\">"),
        ("\"\"\"a\n  b\"\"\"", "<\"a\\n  b\">"),
        ("\"\"\"\n  a\n\n  b\n\"\"\"", "<\"  a\\n\\n  b\">"),
        ("{% $a[0] %}", "% $a[0] %"),
        ("1.5h", "1.5Hours"),
        ("20%", "20Percent"),
        ("1_000.5e1", "10005.0"),
        ("machine { state A = Pass {} }", "(machine 1)"),
        ("\"\"", "<>"),
        ("none ?? null", "(?? none null)"),
        ("x\n  .y\n  ?.z", "(?. (. x y) z)"),
    ];
    for (text, expected) in cases {
        let (expression, found) = parse_expression(FILE, text, 0);
        assert!(found.is_empty(), "{text}: {found:?}");
        assert_eq!(show(&expression), expected, "{text}");
        let declared = parse(FILE, &std::format!("let x = {text}\n"));
        assert!(declared.diagnostics.is_empty(), "{text}: {:?}", declared.diagnostics);
    }
}

#[test]
fn the_first_words_of_a_line_decide_what_it_is() {
    let text = "workflow w {\n  in { a = 1 }\n  type = 2\n  model: int\n  for = 5m\n  step in_ = wait {}\n  step \"A b\" = Task {}\n  \
                state C = Pass {}\n  allow { x = 1 }\n  allow = 3\n  try { x = 1 }\n  role \"r\"\n  role: string\n}\n";
    let parsed = parse(FILE, text);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let DeclarationKind::Workflow { body, .. } = &parsed.file.declarations[0].kind else { panic!("a workflow") };
    let kinds: Vec<&str> = body
        .declarations
        .iter()
        .map(|declaration| match &declaration.kind {
            DeclarationKind::Setting { .. } => "setting",
            DeclarationKind::Field(_) => "field",
            DeclarationKind::Binding { .. } => "binding",
            DeclarationKind::Raw { .. } => "raw",
            DeclarationKind::Allow { .. } => "allow",
            DeclarationKind::Try { .. } => "try",
            DeclarationKind::Role { .. } => "role",
            _ => "other",
        })
        .collect();
    let expected =
        ["setting", "setting", "field", "setting", "binding", "raw", "raw", "allow", "setting", "try", "role", "field"];
    assert_eq!(kinds, expected);
}

#[test]
fn doc_comments_belong_to_what_follows_and_other_comments_are_kept() {
    let text = "// first\n\n/// About w,\n/// in two lines.\nworkflow w {\n  /// About a.\n  a: int // beside\n  /// About nothing.\n}\n";
    let parsed = parse(FILE, text);
    assert!(parsed.diagnostics.is_empty());
    let workflow = &parsed.file.declarations[0];
    assert_eq!(workflow.doc.as_ref().map(|doc| doc.text.as_str()), Some("About w,\nin two lines."));
    let DeclarationKind::Workflow { body, .. } = &workflow.kind else { panic!("a workflow") };
    assert_eq!(body.declarations[0].doc.as_ref().map(|doc| doc.text.as_str()), Some("About a."));
    let comments: Vec<&str> = parsed
        .file
        .comments
        .iter()
        .map(|comment| &text[comment.span.start as usize..comment.span.end as usize])
        .collect();
    assert_eq!(comments, ["// first", "// beside", "/// About nothing."]);
}

#[test]
fn windows_newlines_a_byte_order_mark_and_tabs_change_nothing() {
    for (path, text) in folder("tests/syntax/valid") {
        let windows = std::format!("\u{feff}{}", text.replace('\n', "\r\n").replace("  ", "\t"));
        assert!(errors(&windows).is_empty(), "{}: {:?}", path.display(), errors(&windows));
        // Tabs inside texts are not the same text.
        let windows = std::format!("\u{feff}{}", text.replace('\n', "\r\n"));
        assert_eq!(shape(&windows), shape(&text), "{}", path.display());
    }
}

#[test]
fn places_are_bytes_of_the_file() {
    let text = "// é\nlet a = \"ü\" + name\n\nlet b = {\n  key = other\n}\n";
    let parsed = parse(FILE, text);
    let slice = |span: mlflow_compiler::source::Span| &text[span.start as usize..span.end as usize];
    let DeclarationKind::Let { name, value, .. } = &parsed.file.declarations[0].kind else { panic!("a let") };
    assert_eq!(slice(name.span), "a");
    assert_eq!(slice(value.span), "\"ü\" + name");
    let ExpressionKind::Binary { right, operator_span, .. } = &*value.kind else { panic!("a sum") };
    assert_eq!((slice(right.span), slice(*operator_span)), ("name", "+"));
    assert_eq!(slice(parsed.file.declarations[1].span), "let b = {\n  key = other\n}");
}

// ---- broken texts

#[test]
fn one_mistake_is_one_finding() {
    let files = folder("../tests/cases/syntax");
    assert!(files.len() >= 45, "{}", files.len());
    for (path, text) in files {
        let found = errors(&text);
        assert_eq!(found.len(), 1, "{}: {:?}", path.display(), found);
    }
}

#[test]
fn messages_never_show_the_grammar() {
    for (path, text) in folder("../tests/cases/syntax") {
        for finding in errors(&text) {
            let whole = std::format!("{} {} {:?}", finding.message, finding.primary.text, finding.help);
            for word in ["_declaration", "sp1", "EOI", "any_string", "head_operand", "\u{1}", "expression expected"] {
                assert!(!whole.contains(word), "{}: {whole}", path.display());
            }
        }
    }
}

#[test]
fn applying_a_fix_mends_the_file() {
    let mut mended = 0;
    for (path, text) in folder("../tests/cases/syntax") {
        for finding in errors(&text) {
            let Some(fix) = finding.fix else { continue };
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
            let mut fixed = text.clone();
            for edit in edits {
                fixed.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
            }
            assert!(errors(&fixed).is_empty(), "{}: {fixed}\n{:?}", path.display(), errors(&fixed));
            mended += 1;
        }
    }
    assert!(mended > 25, "{mended}");
}

/// The names of all declarations, wherever they stand.
fn names(text: &str) -> Vec<String> {
    fn walk(declarations: &[Declaration], out: &mut Vec<String>) {
        for declaration in declarations {
            match &declaration.kind {
                DeclarationKind::Binding { name, .. }
                | DeclarationKind::Let { name, .. }
                | DeclarationKind::Param { name, .. } => {
                    out.push(name.text.to_string());
                }
                DeclarationKind::Workflow { name, body } => {
                    out.push(name.text.to_string());
                    walk(&body.declarations, out);
                }
                DeclarationKind::When { branches, otherwise } => {
                    branches.iter().for_each(|branch| walk(&branch.body.declarations, out));
                    otherwise.iter().for_each(|block| walk(&block.declarations, out));
                }
                DeclarationKind::Try { body } => walk(&body.declarations, out),
                _ => {}
            }
        }
    }
    let mut out = Vec::new();
    walk(&parse(FILE, text).file.declarations, &mut out);
    out
}

#[test]
fn what_is_sound_around_a_mistake_survives() {
    let cases = [
        "workflow w {\n  step a = wait { for = }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait {\n    for = 5m\n\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = 5m }\n  step b = wait { for = 1m }\n\nlet x = 1\nschema S { a: int }\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = f(1, 2 }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { name = \"x }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a wait { for = 1m }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a =\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = 1 2 3 }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = \n  )\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = x.\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  when {\n    step a = wait { for = 1m }\n  }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = 1m }\n  st\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = 1m }\n  step \n  step b = wait { for = 1m }\n}\nlet c = 1\n",
        "workflow w {\n  step a = wait { for = 1m }\n  }\n  step b = wait { for = 1m }\n}\nlet c = 1\n",
    ];
    for text in cases {
        let found = names(text);
        for name in ["w", "b", "c"] {
            assert!(
                found.iter().any(|other| other == name),
                "`{name}` is lost in {found:?}:\n{text}\n{:?}",
                errors(text)
            );
        }
        assert_eq!(errors(text).len(), 1, "{text}\n{:?}", errors(text));
    }
}

#[test]
fn independent_mistakes_are_reported_apart() {
    let text = "workflow w {\n  step a = wait { for = }\n  step b = wait { for = 5mins }\n  step c = wait { after = [a b] }\n  \
                when a == {\n    step d = wait { for 5m }\n  }\n}\nlet x = ]\nlet y == 2\n";
    let lines: Vec<usize> =
        errors(text).iter().map(|d| text[..d.primary.span.start as usize].matches('\n').count() + 1).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 9, 10], "{:?}", errors(text));
}

#[test]
fn depth_is_limited_with_one_finding() {
    let started = Instant::now();
    let open = "{ a = ".repeat(1_000_000);
    assert_eq!(codes(&std::format!("let a = {open}")), ["E0102"]);
    assert_eq!(codes(&"(".repeat(1_000_000)), ["E0102"]);
    assert_eq!(codes(&std::format!("let a = {}", "[".repeat(1_000_000))), ["E0102"]);
    assert_eq!(codes(&std::format!("let a = {}1{}\nlet b = 2", "(".repeat(200), ")".repeat(200))), ["E0102"]);
    assert_eq!(codes(&std::format!("type A = {}int{}", "list<".repeat(50_000), ">".repeat(50_000))), ["E0102"]);
    assert_eq!(codes(&std::format!("let a = {}b", "if c then ".repeat(50_000))), ["E0102"]);
    assert_eq!(codes(&std::format!("let a = {}d", "if b then c else ".repeat(50_000))), ["E0102"]);
    assert_eq!(codes(&std::format!("let a = \"{}", "${\"".repeat(100_000))), ["E0102"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_million_open_braces_answer_at_once() {
    let text = std::format!("let a = {}", "{".repeat(1_000_000));
    let started = Instant::now();
    assert_eq!(codes(&text), ["E0102"]);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[test]
fn long_chains_are_limited_with_one_finding() {
    let many = 20_000;
    assert_eq!(codes(&std::format!("let a = 1{}", " + 1".repeat(many))), ["E0110"]);
    assert_eq!(codes(&std::format!("let a = b{}", ".c".repeat(many))), ["E0110"]);
    assert_eq!(codes(&std::format!("let a = b{}", "(1)".repeat(many))), ["E0110"]);
    assert_eq!(codes(&std::format!("let a = {}b", "not ".repeat(many))), ["E0110"]);
    assert_eq!(codes(&std::format!("let a = {}b", "- ".repeat(many))), ["E0110"]);
    assert_eq!(codes(&std::format!("let a = b{}", " == not c".repeat(many))).len(), 1);
    assert!(codes(&std::format!("workflow w {{\n  when a {{ }}{}\n}}", " else when b { }".repeat(many))).is_empty());
    assert!(codes(&std::format!("type A = int{}", " | int".repeat(many))).is_empty());
    assert!(codes(&std::format!("let a = [{}]", "1, ".repeat(many))).is_empty());
}

fn sample() -> String {
    folder("tests/syntax/valid").into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n")
}

/// Reading must end, give spans within the text, and formatting must not lose a word.
fn check_total(text: &str) {
    let parsed = parse(FILE, text);
    for finding in parsed.diagnostics.iter() {
        let span = finding.primary.span;
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?} in {text:?}");
        assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?}");
    }
    for declaration in &parsed.file.declarations {
        assert!(declaration.span.end as usize <= text.len());
    }
}

/// The declarations of the sound files, each on its own.
fn declarations() -> Vec<String> {
    let mut list = Vec::new();
    for (_, text) in folder("tests/syntax/valid") {
        for declaration in parse(FILE, &text).file.declarations {
            list.push(text[declaration.span.start as usize..declaration.span.end as usize].to_owned());
        }
    }
    list
}

#[test]
fn every_prefix_is_read() {
    for text in declarations() {
        for (end, _) in text.char_indices() {
            check_total(&text[..end]);
        }
    }
}

#[test]
fn every_text_with_one_word_missing_is_read() {
    for text in declarations() {
        let bytes = text.as_bytes();
        let mut start = 0;
        while start < bytes.len() {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let mut end = start + 1;
            while is_word(bytes[start]) && end < bytes.len() && is_word(bytes[end]) {
                end += 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            if !bytes[start].is_ascii_whitespace() {
                check_total(&std::format!("{}{}", &text[..start], &text[end..]));
            }
            start = end;
        }
    }
}

/// A small generator of numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }
}

#[test]
fn random_texts_are_read() {
    let pieces = [
        "workflow", "step", "kind", "let", "when", "if", "then", "else", "for", "in", "x", "a.b", "{", "}", "[", "]",
        "(", ")", "=", ":", ",", "\n", "\n", " ", " ", "\"", "\"\"\"", "${", "{%", "%}", "'", "r\"", "\\", "...", "..",
        "|", "<", ">", "?", "??", "?.", "30GB", "1.5", "#", "//", "///", "/*", "*/", "é", "“", "\u{1}", "\t", "\r",
        "&&", "+", "-", "not", ";", "\u{a0}",
    ];
    let mut numbers = Numbers(7);
    for _ in 0..1_500 {
        let length = numbers.next(60);
        let text: String = (0..length).map(|_| pieces[numbers.next(pieces.len())]).collect();
        check_total(&text);
        let once = format(&text).text;
        assert_eq!(format(&once).text, once, "{text:?}");
    }
    for _ in 0..500 {
        let bytes: Vec<u8> = (0..numbers.next(200)).map(|_| numbers.next(256) as u8).collect();
        check_total(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn random_edits_of_a_sound_text_are_read() {
    let texts = declarations();
    let mut numbers = Numbers(11);
    let pieces = ["{", "}", "(", ")", "\"", "=", "\n", " x ", ",", "[", "${", "\"\"\"", "'", "step "];
    for _ in 0..600 {
        let text = &texts[numbers.next(texts.len())];
        let mut at = numbers.next(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let piece = pieces[numbers.next(pieces.len())];
        check_total(&std::format!("{}{piece}{}", &text[..at], &text[at..]));
    }
}

#[test]
fn a_large_file_is_read_by_several_threads_as_by_one() {
    let one = sample();
    let many = (0..40).map(|_| one.as_str()).collect::<Vec<_>>().join("\n");
    let count = parse(FILE, &one).file.declarations.len();
    let parsed = parse(FILE, &many);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    assert_eq!(parsed.file.declarations.len(), count * 40);
    let starts: Vec<u32> = parsed.file.declarations.iter().map(|declaration| declaration.span.start).collect();
    assert!(starts.is_sorted());
}

// ---- the formatter

#[test]
fn formatting_twice_is_formatting_once_and_changes_no_meaning() {
    let mut files = folder("tests/syntax/valid");
    files.extend(folder("../tests/cases/syntax"));
    files.extend(folder("../stdlib"));
    files.extend(folder("../examples"));
    for (path, text) in files {
        let once = format(&text);
        assert_eq!(format(&once.text).text, once.text, "{}", path.display());
        assert_eq!(shape(&once.text), shape(&text), "{}", path.display());
        assert_eq!(errors(&once.text).len(), errors(&text).len(), "{}", path.display());
        if errors(&text).is_empty() {
            assert!(once.skipped.is_empty(), "{}: {:?}", path.display(), once.skipped);
        }
    }
}

#[test]
fn the_canonical_form() {
    let cases = [
        ("let   a=1", "let a = 1\n"),
        ("workflow w{step a=wait{for=5m}}", "workflow w { step a = wait { for = 5m } }\n"),
        (
            "workflow w {\nin = {a,b}\n\n\n\nlonger_name=1\nx  =  -2 // two\n}\n\n\n",
            "workflow w {\n  in { a, b }\n\n  longer_name = 1\n  x           = -2  // two\n}\n",
        ),
        ("schema S{a:int,b?:list< int >}", "schema S { a: int, b?: list<int> }\n"),
        (
            "schema S {\n a: int\n longer?: build string = \"x\",\n}",
            "schema S {\n  a:       int\n  longer?: build string = \"x\"\n}\n",
        ),
        ("when_like={\na=1\n}", "when_like {\n  a = 1\n}\n"),
        ("let a = [ 1,2 ,\n3, ]", "let a = [1, 2\n  3]\n"),
        ("let a = f( 1 ,x=2 )", "let a = f(1, x = 2)\n"),
        ("let a = {for k,v in m:[k]=v}", "let a = {for k, v in m: [k] = v}\n"),
        ("workflow w {\n  when a {\n  }\n  else {\n  }\n}", "workflow w {\n  when a {\n  } else {\n  }\n}\n"),
        ("//a\n///b\nlet c = 1\n", "// a\n/// b\nlet c = 1\n"),
        ("let a = not(b)\nlet c = -(d)", "let a = not (b)\nlet c = -(d)\n"),
        ("let a = if b\nthen c\nelse d", "let a = if b\n  then c\n  else d\n"),
        ("let a = b.in[c] + x[ d ]", "let a = b.in[c] + x[d]\n"),
        ("let a = 1\r\nlet b = 2\r\n", "let a = 1\nlet b = 2\n"),
        ("let a = \"\"\"\n      x\n    \"\"\"", "let a = \"\"\"\n      x\n    \"\"\"\n"),
        ("\n\n", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(format(text).text, expected, "{text}");
    }
}

#[test]
fn long_lines_are_broken_at_their_widest_bracket() {
    let text = std::format!("let a = f(\"{}\", {{ b = \"{}\", c = 1 }})\n", "x".repeat(60), "y".repeat(60));
    let expected =
        std::format!("let a = f(\n  \"{}\",\n  {{ b = \"{}\", c = 1 }}\n)\n", "x".repeat(60), "y".repeat(60));
    assert_eq!(format(&text).text, expected);
}

#[test]
fn what_cannot_be_read_is_left_as_it_is() {
    let text = "let   a = 1\nlet b =   ]  \nlet   c = 2\n";
    let formatted = format(text);
    assert_eq!(formatted.text, "let a = 1\nlet b =   ]  \nlet c = 2\n");
    assert_eq!(formatted.skipped.first(), Some(&(12..26)));
}
