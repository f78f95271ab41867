//! Values as a machine spells them: JSON where they are known, JSONata where they come while it runs. What an operator means
//! here is what it means when the file is built; a test computes both.

use smol_str::SmolStr;

use super::Emitter;
use super::document::Json;
use super::engine::TITLE;
use super::uses::Origin;
use crate::diagnostics::{self as d, Diagnostic};
use crate::source::Span;
use crate::targets::pipeline::{placeholder, plain_text};
use crate::types::{Class, Data, Late, LateKind, Segment, Type, Value, show};

impl Emitter<'_> {
    /// A value as a member of a state.
    pub(super) fn json(&mut self, value: &Value) -> Json {
        let place = self.place(value.span);
        match &value.data {
            Data::Error | Data::None | Data::Null | Data::Function(_) => Json::null(place),
            Data::Bool(flag) => Json::truth(*flag, place),
            Data::Int(number) => Json::int(*number, place),
            Data::Float(number) | Data::Percent(number) => Json::Token(show::number(*number).into(), place),
            // What looks like an expression and is text must be said to be text.
            Data::String(text) if text.starts_with("{%") && text.ends_with("%}") => {
                Json::expression(&quoted(text), place)
            }
            Data::String(text) => Json::text(text.as_str(), place),
            Data::Duration(value) => Json::text(show::duration(*value), place),
            Data::Size(value) => Json::text(show::size(*value), place),
            Data::List(items) => {
                if items.iter().any(may_be_none) {
                    let text = self.expression(value);
                    return Json::expression(&text, place);
                }
                Json::List(items.iter().filter(|item| !item.is_none()).map(|item| self.json(item)).collect(), place)
            }
            Data::Object(object) => match &object.class {
                Class::Data(_) | Class::File => match object.get("uri") {
                    Some(uri) => self.json(uri),
                    None => Json::null(place),
                },
                Class::Resource(_) => match object.get("name") {
                    Some(name) => self.json(name),
                    None => Json::null(place),
                },
                Class::Plain | Class::Call { .. } => {
                    // A member that turns out to be nothing is left out by the query language, and refused by states.
                    if object.entries.iter().any(|entry| may_be_none(&entry.value)) {
                        let text = self.expression(value);
                        return Json::expression(&text, place);
                    }
                    let mut entries = Vec::with_capacity(object.entries.len());
                    for entry in object.entries.iter().filter(|entry| !entry.value.is_none()) {
                        entries.push((entry.key.clone(), self.place(entry.key_span), self.json(&entry.value)));
                    }
                    Json::Object(entries, place)
                }
                Class::Step(_) | Class::Instance(_) | Class::Image | Class::Descriptor(_) => {
                    self.no_value(value, place);
                    Json::null(place)
                }
            },
            Data::Late(late) => match &late.kind {
                LateKind::Aws(_) | LateKind::Attribute { .. } => Json::text(placeholder(late), place),
                LateKind::Operation { name, operands } if name == "made by" => match operands.first() {
                    Some(uri) => self.json(&uri.clone().at(value.span)),
                    None => Json::null(place),
                },
                _ => {
                    let text = self.expression(value);
                    match plain(&text) {
                        Some(text) => Json::text(text, place),
                        None => Json::expression(&text, place),
                    }
                }
            },
        }
    }

    fn no_value(&mut self, value: &Value, place: Span) {
        let what = format!("{} as a value", show::describe_value(value));
        let engine = super::capital(TITLE);
        self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &engine), ("what", &what)]));
    }

    /// A value in the query language.
    pub(super) fn expression(&mut self, value: &Value) -> String {
        match &value.data {
            Data::Error | Data::None | Data::Null | Data::Function(_) => "null".to_owned(),
            Data::Bool(flag) => flag.to_string(),
            Data::Int(number) => number.to_string(),
            Data::Float(number) | Data::Percent(number) => show::number(*number),
            Data::String(text) => quoted(text),
            // Given at start they are numbers of seconds and gigabytes; so they are here.
            Data::Duration(value) => show::number(*value as f64 / 1_000_000.0),
            Data::Size(value) => show::number(*value as f64 / f64::from(1 << 30)),
            Data::List(items) => {
                let items: Vec<String> =
                    items.iter().filter(|item| !item.is_none()).map(|item| self.expression(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Data::Object(object) => match &object.class {
                Class::Data(_) | Class::File | Class::Resource(_) => {
                    let key = if matches!(object.class, Class::Resource(_)) { "name" } else { "uri" };
                    match object.get(key) {
                        Some(value) => self.expression(value),
                        None => "null".to_owned(),
                    }
                }
                Class::Plain | Class::Call { .. } => {
                    let entries: Vec<String> = object
                        .entries
                        .iter()
                        .filter(|entry| !entry.value.is_none())
                        .map(|entry| format!("{}: {}", double_quoted(&entry.key), self.expression(&entry.value)))
                        .collect();
                    format!("{{{}}}", entries.join(", "))
                }
                Class::Step(_) | Class::Instance(_) | Class::Image | Class::Descriptor(_) => {
                    let place = self.place(value.span);
                    self.no_value(value, place);
                    "null".to_owned()
                }
            },
            Data::Late(late) => self.late(late, value),
        }
    }

    /// An operand of an operator: between parentheses where it has operators of its own.
    fn operand(&mut self, value: &Value) -> String {
        let text = self.expression(value);
        let is_compound = match &value.data {
            Data::Late(late) => match &late.kind {
                LateKind::Operation { name, .. } => !matches!(
                    name.as_str(),
                    "not"
                        | "made by"
                        | "optional"
                        | "abs"
                        | "ceil"
                        | "floor"
                        | "lower"
                        | "upper"
                        | "float"
                        | "join"
                        | "contains"
                ),
                LateKind::Join { parts, .. } => parts.len() > 1,
                _ => false,
            },
            Data::Int(number) => *number < 0,
            Data::Float(number) => *number < 0.0,
            _ => false,
        };
        if is_compound && !is_enclosed(&text, '(', ')') { format!("({text})") } else { text }
    }

    fn late(&mut self, late: &Late, value: &Value) -> String {
        let place = self.place(value.span);
        match &late.kind {
            LateKind::Parameter(name) => {
                let variable = self.uses.parameter_names.get(name).unwrap_or(name).clone();
                self.seen(&variable, None)
            }
            LateKind::Run(name) if matches!(name.as_str(), "id" | "name" | "arn" | "started") => {
                self.seen_context(name, execution(name))
            }
            LateKind::Run(name) => execution(name).to_owned(),
            LateKind::RunName { most, node } => self.run_name(*most, *node),
            LateKind::Aws(_) | LateKind::Attribute { .. } => quoted(&placeholder(late)),
            LateKind::Response { node, path } => self.result(*node, &Origin::Answer, path),
            LateKind::Started { node, path } => self.result(*node, &Origin::Started, path),
            LateKind::Report { node, output, path } => self.result(*node, &Origin::Report(output.clone()), path),
            LateKind::Answer { path } => format!("$states.result{}", path_text(path)),
            LateKind::Item { node, path } => match self.uses.item(*node).cloned() {
                Some(variable) => {
                    let at = self.index.get(node).copied();
                    // The place of an item among all, where nothing in it tells it apart.
                    match path.as_slice() {
                        [Segment::Key(key)] if key == "#" => self.seen(&format!("{variable}_index"), at),
                        _ => format!("{}{}", self.seen(&variable, at), path_text(path)),
                    }
                }
                None => "null".to_owned(),
            },
            LateKind::Bound(name) => format!("${name}"),
            LateKind::Join { separator, parts } => self.join(separator, parts),
            LateKind::JsonAt { .. } => {
                self.cannot(place, "`json_get`; declare the file as a `report` of the step that writes it");
                "null".to_owned()
            }
            LateKind::Path(path) => path.to_string(),
            LateKind::Operation { name, operands } => self.operation(name, operands, place),
        }
    }

    /// A result of a step: what was answered in this very state, or the variable that keeps it.
    fn result(&mut self, node: crate::types::NodeId, origin: &Origin, path: &[Segment]) -> String {
        if self.own == Some(node) && *origin == Origin::Answer {
            return format!("$states.result{}", path_text(path));
        }
        let Some(at) = self.index.get(&node).copied() else { return "null".to_owned() };
        match self.uses.of(at, origin).and_then(|kept| Some((kept, kept.field(path)?))) {
            Some((kept, field)) => {
                let (variable, key) = (kept.variable_at(self.position).clone(), member(&field.key));
                format!("{}{key}", self.seen(&variable, Some(at)))
            }
            None => "null".to_owned(),
        }
    }

    /// A name for a job: another one in each execution, attempt and turn, and the same in all of one state.
    pub(super) fn run_name(&mut self, most: u32, node: crate::types::NodeId) -> String {
        let Some(at) = self.index.get(&node).copied() else { return "null".to_owned() };
        if (self.own != Some(node) || self.asking)
            && let Some((kept, field)) = self.uses.of(at, &Origin::Name).and_then(|kept| Some((kept, kept.field(&[])?)))
        {
            let (variable, key) = (kept.variable_at(self.position).clone(), member(&field.key));
            return format!("{}{key}", self.seen(&variable, Some(at)));
        }
        const DIGITS: usize = 24;
        let clean: String = self.workflow.nodes[at]
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take((most as usize).saturating_sub(DIGITS + 1))
            .collect();
        let clean = clean.trim_matches('-');
        let mut parts = vec![
            "$states.context.Execution.Id".to_owned(),
            "$string($states.context.Execution.RedriveCount)".to_owned(),
            "$string($states.context.State.RetryCount)".to_owned(),
        ];
        let mut around = self.workflow.nodes[at].parent;
        while let Some((id, _)) = around {
            if let Some(variable) = self.uses.item(id) {
                let index = format!("{variable}_index");
                let at = self.index.get(&id).copied();
                let seen = self.seen(&index, at);
                parts.push(format!("$string({seen})"));
            }
            around = self.index.get(&id).and_then(|at| self.workflow.nodes[*at].parent);
        }
        let digits = DIGITS.min(most as usize);
        format!("'{clean}-' & $substring($hash({}, 'SHA-256'), 0, {digits})", parts.join(" & '/' & "))
    }

    /// Text put together, as an expression.
    pub(super) fn joined(&mut self, parts: &[Value]) -> String {
        self.join("", parts)
    }

    /// An expression as a leaf: the text itself where it is no more than that.
    pub(super) fn leaf(&self, text: &str, place: Span) -> Json {
        match plain(text) {
            Some(text) => Json::text(text, place),
            None => Json::expression(text, place),
        }
    }

    fn join(&mut self, separator: &str, parts: &[Value]) -> String {
        let mut texts: Vec<String> = Vec::new();
        let mut pending = String::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                pending.push_str(separator);
            }
            match &part.data {
                Data::Late(late) if !matches!(late.kind, LateKind::Aws(_) | LateKind::Attribute { .. }) => {
                    if !pending.is_empty() {
                        texts.push(quoted(&pending));
                        pending.clear();
                    }
                    texts.push(self.operand(part));
                }
                Data::Late(late) => pending.push_str(&placeholder(late)),
                _ => pending.push_str(&plain_text(part).unwrap_or_default()),
            }
        }
        if !pending.is_empty() || texts.is_empty() {
            texts.push(quoted(&pending));
        }
        match texts.as_slice() {
            [one] if one.starts_with(['\'', '"']) => one.clone(),
            [one] => format!("$string({one})"),
            _ => texts.join(" & "),
        }
    }

    fn operation(&mut self, name: &str, operands: &[Value], place: Span) -> String {
        match (name, operands) {
            ("made by" | "optional", [first, ..]) => self.expression(first),
            // The language escapes what a text holds; put together from parts nobody would.
            ("json", [_, value]) if !is_text(value) => format!("$string({})", self.expression(value)),
            ("json", [_, value]) => {
                // A text as it is would stay one.
                let text = format!("$string([{}])", self.expression(value));
                format!("$substring({text}, 1, $length({text}) - 2)")
            }
            ("jsonata", [text]) => match text.as_string() {
                Some(text) => format!("({})", text.trim()),
                None => "null".to_owned(),
            },
            ("not", [inner]) => format!("$not({})", self.expression(inner)),
            ("negate", [inner]) => format!("-{}", self.operand(inner)),
            ("==" | "!=", [left, right]) if left.is_none() || right.is_none() => {
                let tested = if left.is_none() { right } else { left };
                let text = self.operand(tested);
                let is_there = format!("($exists({text}) and {text} != null)");
                if name == "==" { format!("$not{is_there}") } else { is_there }
            }
            ("and" | "or" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/", [left, right]) => {
                format!("{} {name} {}", self.operand(left), self.operand(right))
            }
            ("==", [left, right]) => format!("{} = {}", self.operand(left), self.operand(right)),
            ("in", [part, Value { data: Data::Object(object), .. }]) if object.class == Class::Plain => {
                let keys: Vec<String> = object.entries.iter().map(|entry| quoted(&entry.key)).collect();
                format!("{} in [{}]", self.operand(part), keys.join(", "))
            }
            ("in", [part, whole]) => {
                if is_text(whole) {
                    format!("$contains({}, {})", self.expression(whole), self.expression(part))
                } else {
                    format!("{} in {}", self.operand(part), self.operand(whole))
                }
            }
            ("??", [left, right]) => {
                let (text, other) = (self.expression(left), self.operand(right));
                format!("($value := {text}; $exists($value) and $value != null ? $value : {other})")
            }
            ("if", [condition, then, otherwise]) => {
                let (condition, then) = (self.operand(condition), self.operand(then));
                if otherwise.is_none() {
                    format!("{condition} ? {then}")
                } else {
                    format!("{condition} ? {then} : {}", self.operand(otherwise))
                }
            }
            ("for", [list, bound, body, rest @ ..]) => self.comprehension(list, bound, body, rest.first()),
            ("list", _) => {
                // A constructor flattens what is a list already, unless that is written as a constructor itself.
                let part = |text: String| if is_enclosed(&text, '[', ']') { format!("({text})") } else { text };
                let parts: Vec<String> = operands.iter().map(|operand| part(self.expression(operand))).collect();
                format!("[{}]", parts.join(", "))
            }
            ("join", [separator, list]) => format!("$join({}, {})", self.expression(list), self.expression(separator)),
            ("mod", [value, divisor]) => {
                // The remainder is never negative, as when a file is built; `%` has the sign of the value.
                let value = self.operand(value);
                match divisor.data {
                    Data::Int(divisor) if divisor > 0 => format!("(({value} % {divisor} + {divisor}) % {divisor})"),
                    _ => {
                        let size = format!("$abs({})", self.expression(divisor));
                        format!("(({value} % {size} + {size}) % {size})")
                    }
                }
            }
            ("min" | "max", [first, second]) => {
                format!("${name}([{}, {}])", self.expression(first), self.expression(second))
            }
            ("round", [value, rest @ ..]) => {
                // Halves go away from zero, as they do when a file is built; `$round` would take the even neighbour.
                let scale = match rest.first() {
                    Some(digits) => format!("$power(10, {})", self.expression(digits)),
                    None => "1".to_owned(),
                };
                let text = self.expression(value);
                format!(
                    "($value := {text}; $scale := {scale}; ($value < 0 ? -1 : 1) * $floor($abs($value) * $scale + 0.5) / $scale)"
                )
            }
            ("int", [value]) => {
                let text = self.expression(value);
                format!("($value := $number({text}); $value < 0 ? $ceil($value) : $floor($value))")
            }
            ("contains", [whole, part]) => {
                if is_text(whole) {
                    format!("$contains({}, {})", self.expression(whole), self.expression(part))
                } else {
                    format!("({} in {})", self.operand(part), self.operand(whole))
                }
            }
            ("starts_with", [text, start]) => {
                let (text, start) = (self.expression(text), self.operand(start));
                format!("$substring({text}, 0, $length({start})) = {start}")
            }
            ("ends_with", [text, end]) => {
                let (text, end) = (self.expression(text), self.expression(end));
                format!(
                    "($text := {text}; $end := {end}; $length($end) <= $length($text) and \
                     $substring($text, $length($text) - $length($end)) = $end)"
                )
            }
            ("trim", [text]) => format!("$replace({}, /^\\s+|\\s+$/, '')", self.expression(text)),
            ("length", [value]) => {
                let text = self.expression(value);
                if is_text(value) { format!("$length({text})") } else { format!("$count({text})") }
            }
            ("range", [count]) => format!("[0..{} - 1]", self.operand(count)),
            ("keys", [object]) => format!("[$keys({})]", self.expression(object)),
            ("values", [object]) => format!("[$each({}, function($value) {{ $value }})]", self.expression(object)),
            ("entries", [object]) => {
                let object = self.expression(object);
                format!("[$each({object}, function($value, $key) {{ {{'key': $key, 'value': $value}} }})]")
            }
            ("sort", [list]) => format!("[$sort({})]", self.expression(list)),
            ("unique", [list]) => format!("[$distinct({})]", self.expression(list)),
            ("split", [text, separator]) => {
                format!("$split({}, {})", self.expression(text), self.expression(separator))
            }
            ("replace", [text, part, by]) => {
                let (text, part, by) = (self.expression(text), self.expression(part), self.expression(by));
                format!("$replace({text}, {part}, {by})")
            }
            ("abs" | "ceil" | "floor" | "float" | "lower" | "upper", [value]) => {
                let function = match name {
                    "float" => "number",
                    "lower" => "lowercase",
                    "upper" => "uppercase",
                    other => other,
                };
                format!("${function}({})", self.expression(value))
            }
            (name, [value]) if name.starts_with('.') => format!("{}{}", self.grouped(value), member(&name[1..])),
            (name, [value, wanted]) if name.starts_with('[') => {
                let wanted = self.expression(wanted);
                let key = name.trim_start_matches('[').trim_end_matches(']');
                format!("{}[{}={wanted}]", self.grouped(value), name_text(key))
            }
            (name, [value]) if name.starts_with('[') => format!("{}{name}", self.grouped(value)),
            _ => {
                self.cannot(place, &format!("`{name}` while it runs"));
                "null".to_owned()
            }
        }
    }

    fn grouped(&mut self, value: &Value) -> String {
        let text = self.expression(value);
        let is_path = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '_' | '.'));
        if is_path || is_enclosed(&text, '(', ')') { text } else { format!("({text})") }
    }

    fn comprehension(&mut self, list: &Value, bound: &Value, body: &Value, condition: Option<&Value>) -> String {
        let list = self.expression(list);
        let name = bound.as_string().cloned().unwrap_or_default();
        let body = self.expression(body);
        match condition {
            Some(condition) => {
                let condition = self.expression(condition);
                format!("[$map($filter({list}, function(${name}) {{ {condition} }}), function(${name}) {{ {body} }})]")
            }
            None => format!("[$map({list}, function(${name}) {{ {body} }})]"),
        }
    }

    pub(super) fn cannot(&mut self, place: Span, what: &str) {
        let engine = super::capital(TITLE);
        self.report(Diagnostic::new(&d::ENGINE_CANNOT, place, &[("engine", &engine), ("what", &what)]));
    }
}

/// Whether a value can turn out to be nothing at all.
pub(super) fn may_be_none(value: &Value) -> bool {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Operation { name, operands } if name == "if" => {
                operands.get(2).is_some_and(|otherwise| otherwise.is_none() || may_be_none(otherwise))
                    || operands.get(1).is_some_and(may_be_none)
            }
            _ => late.type_.is_optional() && !matches!(late.type_, Type::Any | Type::Error),
        },
        Data::Object(object) if matches!(object.class, Class::Data(_)) => object.get("uri").is_some_and(may_be_none),
        _ => false,
    }
}

/// Whether an expression stands in one pair of brackets as a whole.
fn is_enclosed(text: &str, open: char, close: char) -> bool {
    let mut depth = 0usize;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    if characters.peek() != Some(&open) {
        return false;
    }
    while let Some(character) = characters.next() {
        match quote {
            Some(_) if character == '\\' => drop(characters.next()),
            Some(end) if character == end => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"' | '`') => quote = Some(character),
            None if character == open => depth += 1,
            None if character == close => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return characters.peek().is_none();
                }
            }
            None => {}
        }
    }
    false
}

fn is_text(value: &Value) -> bool {
    match &value.data {
        Data::String(_) => true,
        Data::Late(late) => matches!(
            late.type_.required(),
            Type::String(_) | Type::Uri | Type::Arn | Type::Literals(_) | Type::Instance(_) | Type::Image
        ),
        _ => false,
    }
}

/// What the language says of an execution, as the context object has it.
fn execution(name: &str) -> &'static str {
    match name {
        "id" | "name" => "$states.context.Execution.Name",
        "arn" => "$states.context.Execution.Id",
        "started" => "$states.context.Execution.StartTime",
        "workflow" => "$states.context.StateMachine.Name",
        "workflow_arn" => "$states.context.StateMachine.Id",
        "token" => "$states.context.Task.Token",
        _ => "$now()",
    }
}

/// The text of an expression that is one text literal.
fn plain(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_expression = inner.starts_with("{%") && inner.ends_with("%}");
    (!is_expression && !inner.contains(['\'', '\\'])).then(|| inner.to_owned())
}

/// A text literal of the query language, which knows no `\'`.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['\'', '\\']) || text.chars().any(char::is_control) {
        double_quoted(text)
    } else {
        format!("'{text}'")
    }
}

fn double_quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// A path into a value.
pub(super) fn path_text(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Member(name) | Segment::Key(name) => text.push_str(&member(name)),
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
            Segment::Where(name, value) => text.push_str(&format!("[{}={}]", name_text(name), quoted(value))),
        }
    }
    text
}

fn member(name: &str) -> String {
    format!(".{}", name_text(name))
}

pub(super) fn name_text(name: &str) -> SmolStr {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !matches!(name, "and" | "or" | "in" | "true" | "false" | "null" | "function");
    if is_plain { name.into() } else { format!("`{name}`").into() }
}
