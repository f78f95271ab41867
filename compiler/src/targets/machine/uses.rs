//! Which results of which nodes are read, where, and by what names: what a machine keeps in variables. Writes nothing.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::{SmolStr, format_smolstr};

use super::layout::{Layout, Order};
use crate::graph::schedule::Schedule;
use crate::plan::scopes::{ScopeId, scopes};
use crate::plan::{NodeKind, NodePlan, WorkflowPlan};
use crate::types::{Class, Data, Late, LateKind, NodeId, Segment, Type, Value};

/// Where a result comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// What the call answered.
    Answer,
    /// What the call answered that started what is waited for.
    Started,
    /// What the named report holds.
    Report(SmolStr),
    /// The name that was made for the job.
    Name,
}

/// What is kept of a node from one origin: one variable, an object with what is read later.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) origin: Origin,
    variable: SmolStr,
    pub(super) fields: Vec<KeptField>,
    /// For each path the place of its field.
    paths: FxHashMap<String, usize>,
    /// The position of the last node that reads it.
    last_reader: u32,
    /// Branches and iterations that it leaves, the innermost first. What is inside may not set a variable of the outside, so
    /// each has a name of its own.
    boundaries: Vec<Boundary>,
}

/// Where results leave a branch or an iteration.
#[derive(Debug)]
struct Boundary {
    /// The positions of the first and last node inside.
    range: (u32, u32),
    /// The variable inside.
    variable: SmolStr,
}

/// A variable that leaves a branch or iteration.
#[derive(Clone, Debug)]
pub(super) struct Export {
    pub(super) inside: SmolStr,
    pub(super) outside: SmolStr,
}

#[derive(Debug)]
pub(super) struct KeptField {
    pub(super) key: SmolStr,
    pub(super) path: Vec<Segment>,
    pub(super) is_optional: bool,
    pub(super) type_: Type,
}

/// All that is read.
pub(super) struct Uses {
    /// For each node, by index.
    kept: Vec<Vec<Kept>>,
    pub(super) parameters: FxHashSet<SmolStr>,
    /// Loops whose item is read, with the variable that holds it.
    items: FxHashMap<NodeId, SmolStr>,
    pub(super) parameter_names: FxHashMap<SmolStr, SmolStr>,
}

/// Names that the query language has taken.
const TAKEN: &[&str] = &[
    "states",
    "sum",
    "count",
    "max",
    "min",
    "average",
    "string",
    "substring",
    "substringBefore",
    "substringAfter",
    "lowercase",
    "uppercase",
    "length",
    "trim",
    "pad",
    "match",
    "contains",
    "replace",
    "split",
    "join",
    "formatNumber",
    "formatBase",
    "formatInteger",
    "parseInteger",
    "number",
    "floor",
    "ceil",
    "round",
    "abs",
    "sqrt",
    "power",
    "random",
    "boolean",
    "not",
    "map",
    "zip",
    "filter",
    "single",
    "reduce",
    "foldLeft",
    "sift",
    "keys",
    "lookup",
    "append",
    "exists",
    "spread",
    "merge",
    "reverse",
    "each",
    "error",
    "assert",
    "type",
    "sort",
    "shuffle",
    "distinct",
    "base64encode",
    "base64decode",
    "encodeUrlComponent",
    "encodeUrl",
    "decodeUrlComponent",
    "decodeUrl",
    "eval",
    "toMillis",
    "fromMillis",
    "clone",
    "now",
    "millis",
    "partition",
    "range",
    "hash",
    "uuid",
    "parse",
];

/// A name for a variable, from what it is for; a number only where that is taken.
struct Names(FxHashSet<SmolStr>);

impl Names {
    fn make(&mut self, base: &str) -> SmolStr {
        let mut clean: String =
            base.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).take(70).collect();
        if !clean.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
            clean.insert(0, '_');
        }
        if TAKEN.contains(&clean.as_str()) {
            clean.push_str("_results");
        }
        let mut name = SmolStr::from(clean.as_str());
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format_smolstr!("{clean}_{number}");
            number += 1;
        }
        name
    }
}

impl Uses {
    pub(super) fn new(workflow: &WorkflowPlan, index: &FxHashMap<NodeId, usize>, layout: &Layout) -> Uses {
        let mut uses = Uses {
            kept: workflow.nodes.iter().map(|_| Vec::new()).collect(),
            parameters: FxHashSet::default(),
            items: FxHashMap::default(),
            parameter_names: FxHashMap::default(),
        };
        let mut names = Names(FxHashSet::default());
        for parameter in &workflow.parameters {
            let name = names.make(&parameter.name);
            uses.parameter_names.insert(parameter.name.clone(), name);
        }
        for node in &workflow.nodes {
            match node.kind {
                NodeKind::Each { .. } => {
                    let base = node.name.strip_prefix("each-").unwrap_or(&node.name);
                    uses.items.insert(node.id, names.make(base));
                }
                NodeKind::Try { .. } => {
                    uses.items.insert(node.id, names.make(&format!("{}_failure", node.name)));
                }
                NodeKind::Step(_) | NodeKind::Condition { .. } | NodeKind::Fail { .. } | NodeKind::Start(_) => {}
            }
        }
        for (at, node) in workflow.nodes.iter().enumerate() {
            let mut reader = Reader {
                uses: &mut uses,
                names: &mut names,
                workflow,
                index,
                at,
                place: layout.range(at).0,
                is_later: false,
            };
            for value in values(node) {
                reader.value(value);
            }
            if let NodeKind::Step(step) = &node.kind
                && let Some(poll) = step.run.get("poll")
            {
                reader.is_later = true;
                reader.value(poll);
            }
        }
        // Where the reports of another engine's steps lie is read when they are.
        for (at, node) in workflow.nodes.iter().enumerate() {
            let NodeKind::Start(start) = &node.kind else { continue };
            let read: Vec<&Value> = start
                .reports
                .iter()
                .filter(|(name, _)| uses.of(at, &Origin::Report(name.clone())).is_some())
                .map(|(_, uri)| uri)
                .collect();
            let place = layout.range(at).0;
            let mut reader = Reader { uses: &mut uses, names: &mut names, workflow, index, at, place, is_later: false };
            read.into_iter().for_each(|uri| reader.value(uri));
        }
        let mut inside = Vec::new();
        uses.leave(workflow, index, layout, None, &mut names, &mut inside);
        uses
    }

    /// Finds what leaves the branches and iterations of a scope; `nodes` receives all nodes in it.
    fn leave(
        &mut self,
        workflow: &WorkflowPlan,
        index: &FxHashMap<NodeId, usize>,
        layout: &Layout,
        scope: ScopeId,
        names: &mut Names,
        nodes: &mut Vec<usize>,
    ) {
        let Some(order) = layout.order(scope) else { return };
        let mut walk = Walk { workflow, index, layout, names, order };
        self.leave_part(&mut walk, &order.schedule, nodes);
    }

    fn leave_part(&mut self, walk: &mut Walk<'_>, schedule: &Schedule, nodes: &mut Vec<usize>) {
        match schedule {
            Schedule::Step(step) => {
                let Some(&at) = walk.index.get(&walk.order.body[*step]) else { return };
                let node = &walk.workflow.nodes[at];
                nodes.push(at);
                for branch in 0..scopes(node).len() {
                    let first = nodes.len();
                    self.leave(walk.workflow, walk.index, walk.layout, Some((node.id, branch)), walk.names, nodes);
                    let is_closed = match node.kind {
                        NodeKind::Each { .. } => true,
                        NodeKind::Try { .. } => branch == 0,
                        NodeKind::Step(_) | NodeKind::Condition { .. } | NodeKind::Fail { .. } | NodeKind::Start(_) => {
                            false
                        }
                    };
                    if is_closed {
                        self.boundary(walk, &nodes[first..]);
                    }
                }
            }
            Schedule::Sequence(parts) => parts.iter().for_each(|part| self.leave_part(walk, part, nodes)),
            Schedule::Parallel(parts) => {
                for part in parts {
                    let first = nodes.len();
                    self.leave_part(walk, part, nodes);
                    self.boundary(walk, &nodes[first..]);
                }
            }
        }
    }

    fn boundary(&mut self, walk: &mut Walk<'_>, inside: &[usize]) {
        let range = walk.layout.around(inside);
        for at in inside {
            for kept in self.kept[*at].iter_mut().filter(|kept| kept.last_reader > range.1) {
                let variable = walk.names.make(&format!("{}_inside", kept.variable));
                kept.boundaries.push(Boundary { range, variable });
            }
        }
    }

    /// The variables of some nodes that leave the branch or iteration of these positions.
    pub(super) fn exports(&self, nodes: &[usize], range: (u32, u32)) -> Vec<Export> {
        let mut found = Vec::new();
        for kept in nodes.iter().flat_map(|at| self.kept(*at)) {
            let Some(at) = kept.boundaries.iter().position(|boundary| boundary.range == range) else { continue };
            let outside = kept.boundaries.get(at + 1).map_or(&kept.variable, |boundary| &boundary.variable);
            found.push(Export { inside: kept.boundaries[at].variable.clone(), outside: outside.clone() });
        }
        found
    }

    /// The variables of some nodes that are read after a position, by the names they have at another.
    pub(super) fn read_after(&self, nodes: &[usize], last: u32, at: u32) -> Vec<SmolStr> {
        let kept = nodes.iter().flat_map(|node| self.kept(*node)).filter(|kept| kept.last_reader > last);
        kept.map(|kept| kept.variable_at(at).clone()).collect()
    }

    pub(super) fn kept(&self, node: usize) -> &[Kept] {
        self.kept.get(node).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of(&self, node: usize, origin: &Origin) -> Option<&Kept> {
        self.kept(node).iter().find(|kept| kept.origin == *origin)
    }

    pub(super) fn item(&self, node: NodeId) -> Option<&SmolStr> {
        self.items.get(&node)
    }
}

/// What is known while looking for what leaves a scope.
struct Walk<'w> {
    workflow: &'w WorkflowPlan,
    index: &'w FxHashMap<NodeId, usize>,
    layout: &'w Layout,
    names: &'w mut Names,
    order: &'w Order,
}

impl Kept {
    /// The name of the variable for what stands at a position.
    pub(super) fn variable_at(&self, position: u32) -> &SmolStr {
        let inside = self.boundaries.iter().find(|boundary| (boundary.range.0..=boundary.range.1).contains(&position));
        inside.map_or(&self.variable, |boundary| &boundary.variable)
    }

    pub(super) fn field(&self, path: &[Segment]) -> Option<&KeptField> {
        self.paths.get(&path_key(path)).map(|at| &self.fields[*at])
    }
}

/// The values of a node that are written into its states.
pub(super) fn values(node: &NodePlan) -> Vec<&Value> {
    match &node.kind {
        NodeKind::Step(step) => {
            let request = step.call.iter().map(|call| &call.request);
            request.chain([&step.run]).collect()
        }
        NodeKind::Condition { branches } => branches.iter().filter_map(|branch| branch.condition.as_ref()).collect(),
        NodeKind::Each { items, .. } => vec![items],
        NodeKind::Fail { message } => vec![message],
        NodeKind::Try { .. } => Vec::new(),
        NodeKind::Start(start) => start.arguments.iter().map(|(_, value)| value).collect(),
    }
}

/// Enters what one node reads.
struct Reader<'r> {
    uses: &'r mut Uses,
    names: &'r mut Names,
    workflow: &'r WorkflowPlan,
    index: &'r FxHashMap<NodeId, usize>,
    at: usize,
    place: u32,
    /// Whether what is read stands in a later state of the same step: the name of its job was made before.
    is_later: bool,
}

impl Reader<'_> {
    fn value(&mut self, value: &Value) {
        match &value.data {
            Data::Late(late) => self.late(late),
            Data::List(items) => items.iter().for_each(|item| self.value(item)),
            Data::Object(object) => match &object.class {
                Class::Data(_) | Class::File => object.get("uri").into_iter().for_each(|uri| self.value(uri)),
                Class::Plain | Class::Call { .. } => object.entries.iter().for_each(|entry| self.value(&entry.value)),
                Class::Resource(_) => object.get("name").into_iter().for_each(|name| self.value(name)),
                Class::Step(_) | Class::Instance(_) | Class::Image | Class::Descriptor(_) => {}
            },
            Data::Error
            | Data::None
            | Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Duration(_)
            | Data::Size(_)
            | Data::Percent(_)
            | Data::Function(_) => {}
        }
    }

    fn late(&mut self, late: &Late) {
        match &late.kind {
            LateKind::Parameter(name) => {
                self.uses.parameters.insert(name.clone());
            }
            LateKind::Response { node, path } => self.enter(*node, Origin::Answer, path, &late.type_),
            LateKind::Started { node, path } => self.enter(*node, Origin::Started, path, &late.type_),
            LateKind::Report { node, output, path } => {
                self.enter(*node, Origin::Report(output.clone()), path, &late.type_);
            }
            LateKind::RunName { node, .. } => self.enter(*node, Origin::Name, &[], &late.type_),
            LateKind::Join { parts, .. } => parts.iter().for_each(|part| self.value(part)),
            LateKind::JsonAt { uri, .. } => self.value(uri),
            LateKind::Operation { name, operands } => {
                // Which step makes a location says when, not what.
                let read = match name.as_str() {
                    "made by" => operands.get(..1).unwrap_or_default(),
                    // Who asks whether something is there says that it may not be.
                    "??" => self.perhaps(operands, 0),
                    "==" | "!=" if operands.iter().any(Value::is_none) => {
                        self.perhaps(operands, usize::from(operands[0].is_none()))
                    }
                    // As text in parts for those who cannot write JSON themselves.
                    "json" => operands.get(1..).unwrap_or_default(),
                    _ => operands,
                };
                read.iter().for_each(|operand| self.value(operand));
            }
            LateKind::Run(_)
            | LateKind::Aws(_)
            | LateKind::Attribute { .. }
            | LateKind::Item { .. }
            | LateKind::Bound(_)
            | LateKind::Answer { .. }
            | LateKind::Path(_) => {}
        }
    }

    /// Enters one of some operands as something that may not be there, and gives back all of them.
    fn perhaps<'v>(&mut self, operands: &'v [Value], at: usize) -> &'v [Value] {
        let found = operands.get(at).and_then(Value::as_late);
        match found.map(|late| (&late.kind, late.type_.clone().optional())) {
            Some((LateKind::Response { node, path }, type_)) => self.enter(*node, Origin::Answer, path, &type_),
            Some((LateKind::Report { node, output, path }, type_)) => {
                self.enter(*node, Origin::Report(output.clone()), path, &type_);
            }
            _ => return operands,
        }
        operands
    }

    fn enter(&mut self, node: NodeId, origin: Origin, path: &[Segment], type_: &Type) {
        let Some(&at) = self.index.get(&node) else { return };
        // What a step says of itself needs no variable, but for what its later states read.
        let is_read_later =
            matches!(origin, Origin::Report(_) | Origin::Started) || self.is_later && origin == Origin::Name;
        let is_start = matches!(self.workflow.nodes[at].kind, NodeKind::Start(_));
        if at == self.at && !is_start && !is_read_later {
            return;
        }
        let made = &self.workflow.nodes[at];
        let kept = &mut self.uses.kept[at];
        let entry = match kept.iter().position(|kept| kept.origin == origin) {
            Some(known) => &mut kept[known],
            None => {
                let base = match &origin {
                    Origin::Answer => made.name.clone(),
                    Origin::Report(output) => format_smolstr!("{}_{output}", made.name),
                    Origin::Started => format_smolstr!("{}_started", made.name),
                    Origin::Name => format_smolstr!("{}_name", made.name),
                };
                let variable = self.names.make(&base);
                kept.push(Kept {
                    origin,
                    variable,
                    fields: Vec::new(),
                    paths: FxHashMap::default(),
                    last_reader: self.place,
                    boundaries: Vec::new(),
                });
                kept.last_mut().expect("one was just added")
            }
        };
        entry.last_reader = entry.last_reader.max(self.place);
        let text = path_key(path);
        let is_optional = type_.is_optional() && !matches!(type_, Type::Any | Type::Error);
        if let Some(known) = entry.paths.get(&text) {
            entry.fields[*known].is_optional |= is_optional;
            return;
        }
        let key = match &entry.origin {
            Origin::Name => "name".into(),
            Origin::Answer | Origin::Started | Origin::Report(_) => field_key(made, path, &entry.fields),
        };
        entry.paths.insert(text, entry.fields.len());
        entry.fields.push(KeptField { key, path: path.to_vec(), is_optional, type_: type_.clone() });
    }
}

/// A path as text: the same for the same path.
fn path_key(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Member(name) | Segment::Key(name) => {
                text.push('.');
                text.push_str(name);
            }
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
            Segment::Where(member, value) => text.push_str(&format!("[{member}={value}]")),
        }
    }
    text
}

/// The key of a field: the name of the result that it is, or the last name of its path, or all of them.
fn field_key(node: &NodePlan, path: &[Segment], taken: &[KeptField]) -> SmolStr {
    let is_free = |key: &str| !taken.iter().any(|field| field.key == key);
    if let NodeKind::Step(step) = &node.kind
        && let Some(results) = step.results.as_object()
    {
        let result = results.entries.iter().find(|entry| is_path(&entry.value, path));
        if let Some(result) = result.filter(|result| is_free(&result.key)) {
            return result.key.clone();
        }
    }
    let words: Vec<&str> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Member(name) | Segment::Key(name) => Some(name.as_str()),
            Segment::Where(_, value) => Some(value.as_str()),
            Segment::Index(_) => None,
        })
        .collect();
    for count in 1..=words.len() {
        let key = words[words.len() - count..].join("_");
        if is_free(&key) {
            return key.into();
        }
    }
    let base = words.last().copied().unwrap_or("all");
    let mut number = 1;
    loop {
        let key = if number == 1 { SmolStr::from(base) } else { format_smolstr!("{base}_{number}") };
        if is_free(&key) {
            return key;
        }
        number += 1;
    }
}

/// Whether a result is what a path of the answer leads to.
fn is_path(value: &Value, wanted: &[Segment]) -> bool {
    match &value.data {
        Data::Late(late) => match &late.kind {
            LateKind::Response { path, .. } => path == wanted,
            LateKind::Operation { name, operands } if name == "made by" => {
                operands.first().is_some_and(|operand| is_path(operand, wanted))
            }
            _ => false,
        },
        Data::Object(object) => {
            ["uri", "folder"].into_iter().filter_map(|key| object.get(key)).any(|uri| is_path(uri, wanted))
        }
        _ => false,
    }
}
