//! The typed syntax tree: what a file says, with spans, before any name is looked up. It must hold no meaning: no
//! checks, no look-ups, no types. What could not be read is an `Error` node, never an absence of a tree.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::source::Span;

/// One file.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub declarations: Vec<Declaration>,
    /// Every comment that is not a doc comment, in order.
    pub comments: Vec<Comment>,
}

/// A `// …` comment.
#[derive(Clone, Debug)]
pub struct Comment {
    pub span: Span,
}

/// A word that names something, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: SmolStr,
    pub span: Span,
}

/// The text of the `///` lines above something, without the slashes, lines joined by `\n`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doc {
    pub text: SmolStr,
    pub span: Span,
}

/// One declaration, at file level or inside a block.
#[derive(Clone, Debug)]
pub struct Declaration {
    pub doc: Option<Doc>,
    /// From the first word (not the doc comment) to the end.
    pub span: Span,
    pub kind: DeclarationKind,
}

/// A list of declarations in braces.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub declarations: Vec<Declaration>,
    pub span: Option<Span>,
}

/// Every word that starts a declaration. Which words may stand in which block is checked later, so that a misplaced
/// one gets a message of its own.
#[derive(Clone, Debug)]
pub enum DeclarationKind {
    /// `project churn { … }`
    Project { name: Name, body: Object },
    /// `import { a, b as c } from "./x.mlflow"`, `import "./x.mlflow" as x`
    Import { names: Vec<ImportedName>, whole: Option<Name>, path: Expression },
    /// `schema Customer { id: int, name?: string }`
    Schema { name: Name, fields: Vec<Field> },
    /// `type Percentage = int(0..100)`
    Type { name: Name, value: TypeExpression },
    /// `config environment: "dev" | "prod" = "dev"`
    Config { name: Name, type_: Option<TypeExpression>, default: Option<Expression> },
    /// `param min_auc: float(0.5..1.0) = 0.82`
    Param { name: Name, type_: Option<TypeExpression>, default: Option<Expression> },
    /// `let x = …`, `let x: int = …`, `let f(a, b: int = 1) => …`
    Let { name: Name, parameters: Option<Vec<Field>>, type_: Option<TypeExpression>, value: Expression },
    /// `source`, `transform`, `train`, `tune`, `evaluate`, `register`, `deploy`, `notify`, `step`, `trigger`,
    /// `monitor`, `serve`, `studio`, `resource`: `word name: type = value`
    Binding { word: Binding, word_span: Span, name: Name, type_: Option<TypeExpression>, value: Expression },
    /// `workflow name { … }`
    Workflow { name: Name, body: Block },
    /// `component name for deploy { … }` with fields, steps and outputs in its body
    Component { name: Name, roles: Vec<Name>, body: Block },
    /// `kind name(parameters) is base for train { … }`
    Kind { name: Name, parameters: Vec<Field>, base: Option<Name>, roles: Vec<Name>, body: Block },
    /// `machine legacy { … }`; its body holds settings and `state`s
    Machine { name: Name, body: Block },
    /// `pipeline legacy { … }`; its body holds settings and `step`s
    Pipeline { name: Name, body: Block },
    /// `state Check = Choice { … }` in a machine; `step "Train-Model" = Training { … }` in a pipeline with a quoted name
    Raw { word: Name, name: StringOrName, value: Expression },
    /// `test name { … }`; reserved
    Test { name: Name, body: Block },
    /// `moved old to new`
    Moved { from: Name, to: Name },
    /// `when a { } else when b { } else { }`
    When { branches: Vec<Branch>, otherwise: Option<Block> },
    /// `for x in list { }`, `for k, v in map { }`
    For { names: Vec<Name>, iterated: Expression, body: Block },
    /// `each x in list { parallel = 10 … }`
    Each { names: Vec<Name>, iterated: Expression, body: Block },
    /// `fail "…"`
    Fail { message: Expression },
    /// `try { … on failure "Name" as e { } }`: the handlers are declarations of the body
    Try { body: Block },
    /// `on failure "Name" as e { }`
    OnFailure { errors: Vec<Expression>, binding: Option<Name>, body: Block },
    /// `output name = value`, `output name: type = value`
    Output { name: Name, type_: Option<TypeExpression>, value: Expression },
    /// A field of a kind or component: `count: build int(1..100) = 1`
    Field(Field),
    /// `name = value` in a block: a setting of a workflow, a fixed field or a clause of a kind, a member of a machine.
    /// `in { a = x }` is the same as `in = { a = x }`.
    Setting { name: StringOrName, value: Expression },
    /// `call aws.sagemaker.CreateTrainingJob returns DescribeTrainingJob { … }`
    Call { path: Expression, returns: Option<Name>, request: Object },
    /// `run pipeline if cond { … }`
    Run { engine: Name, condition: Option<Expression>, body: Object },
    /// `check cond "message"`
    Check { condition: Expression, message: Expression },
    /// `role "glue.amazonaws.com"`
    Role { service: Expression },
    /// `allow { … }`
    Allow { body: Object },
    /// What could not be read; diagnostics have been given.
    Error,
}

/// The words of [`DeclarationKind::Binding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    Source,
    Transform,
    Train,
    Tune,
    Evaluate,
    Register,
    Deploy,
    Notify,
    Step,
    Trigger,
    Monitor,
    Serve,
    Studio,
    Resource,
}

impl Binding {
    pub const ALL: [Binding; 14] = [
        Binding::Source,
        Binding::Transform,
        Binding::Train,
        Binding::Tune,
        Binding::Evaluate,
        Binding::Register,
        Binding::Deploy,
        Binding::Notify,
        Binding::Step,
        Binding::Trigger,
        Binding::Monitor,
        Binding::Serve,
        Binding::Studio,
        Binding::Resource,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Binding::Source => "source",
            Binding::Transform => "transform",
            Binding::Train => "train",
            Binding::Tune => "tune",
            Binding::Evaluate => "evaluate",
            Binding::Register => "register",
            Binding::Deploy => "deploy",
            Binding::Notify => "notify",
            Binding::Step => "step",
            Binding::Trigger => "trigger",
            Binding::Monitor => "monitor",
            Binding::Serve => "serve",
            Binding::Studio => "studio",
            Binding::Resource => "resource",
        }
    }

    pub fn from_word(word: &str) -> Option<Binding> {
        Binding::ALL.into_iter().find(|binding| binding.word() == word)
    }

    /// Whether the word declares a step of a workflow.
    pub fn is_step(self) -> bool {
        match self {
            Binding::Transform
            | Binding::Train
            | Binding::Tune
            | Binding::Evaluate
            | Binding::Register
            | Binding::Deploy
            | Binding::Notify
            | Binding::Step => true,
            Binding::Source
            | Binding::Trigger
            | Binding::Monitor
            | Binding::Serve
            | Binding::Studio
            | Binding::Resource => false,
        }
    }
}

/// `a` or `a as b` in an import.
#[derive(Clone, Debug)]
pub struct ImportedName {
    pub name: Name,
    pub alias: Option<Name>,
}

/// One arm of a `when`.
#[derive(Clone, Debug)]
pub struct Branch {
    pub condition: Expression,
    pub body: Block,
}

/// A key or declared name that may be quoted.
#[derive(Clone, Debug)]
pub struct StringOrName {
    pub text: SmolStr,
    pub span: Span,
    pub quoted: bool,
}

/// A typed entry: a field of a kind, a column of a schema, a member of a record type, a parameter of a function.
#[derive(Clone, Debug)]
pub struct Field {
    pub doc: Option<Doc>,
    pub name: StringOrName,
    /// Whether `?` follows the name.
    pub optional: bool,
    /// The latest stage the field accepts, where a stage word stands before the type.
    pub stage: Option<(StageWord, Span)>,
    /// Absent only for a function's parameter without a type, or where it could not be read.
    pub type_: Option<TypeExpression>,
    pub default: Option<Expression>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageWord {
    Build,
    Deploy,
    Run,
}

/// `{ … }` as a value.
#[derive(Clone, Debug, Default)]
pub struct Object {
    pub entries: Vec<Entry>,
    /// Braces included.
    pub span: Option<Span>,
}

/// What may stand in an object. There are many of them: what few have is boxed.
#[derive(Clone, Debug)]
pub struct Entry {
    pub doc: Option<Box<Doc>>,
    pub span: Span,
    pub kind: EntryKind,
}

#[derive(Clone, Debug)]
pub enum EntryKind {
    /// `key = value`, `"a key" = value`, `key { … }`
    Field {
        key: StringOrName,
        value: Expression,
    },
    /// `key: type`, `key?: type = value`
    Typed(Box<Field>),
    /// `name`, short for `name = name`
    Shorthand(Name),
    /// `[expression] = value`
    Computed {
        key: Expression,
        value: Expression,
    },
    /// `...expression`
    Spread(Expression),
    /// `for k, v in map if cond: [key] = value`, which may only stand alone in its braces
    Comprehension {
        clause: Box<ForClause>,
        key: Expression,
        value: Expression,
    },
    Error,
}

/// `for k, v in iterated if condition` of a comprehension.
#[derive(Clone, Debug)]
pub struct ForClause {
    pub names: Vec<Name>,
    pub iterated: Expression,
    pub condition: Option<Expression>,
}

/// An expression. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Expression {
    pub span: Span,
    pub kind: Arc<ExpressionKind>,
}

#[derive(Clone, Debug)]
pub enum ExpressionKind {
    None,
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number with a unit attached; `number` is its text without the unit.
    Quantity {
        number: SmolStr,
        unit: Unit,
    },
    /// Quoted, triple-quoted or raw text, escapes resolved and the common indentation of `"""` removed.
    String(Vec<StringPart>),
    /// `{% … %}`: what stands between, untouched.
    Jsonata(SmolStr),
    Name(SmolStr),
    /// `base.name`, `base?.name`
    Member {
        base: Expression,
        name: Name,
        optional: bool,
    },
    /// `base[index]`; `base[Name == n]` is a filter, decided by who reads it
    Index {
        base: Expression,
        index: Expression,
    },
    /// `callee(arguments)`
    Call {
        callee: Expression,
        arguments: Vec<Argument>,
    },
    /// `path { … }`, `path(arguments) { … }`: an application of a kind
    Apply {
        callee: Expression,
        arguments: Option<Vec<Argument>>,
        body: Object,
    },
    Object(Object),
    List(Vec<Element>),
    /// `[for x in xs if c: element]`
    ListComprehension {
        clause: Box<ForClause>,
        element: Expression,
    },
    Unary {
        operator: UnaryOperator,
        operand: Expression,
    },
    Binary {
        operator: BinaryOperator,
        operator_span: Span,
        left: Expression,
        right: Expression,
    },
    If {
        condition: Expression,
        then: Expression,
        otherwise: Option<Expression>,
    },
    /// `machine { … }` as a value
    Machine(Block),
    /// `pipeline { … }` as a value
    Pipeline(Block),
    /// Parentheses, kept for the formatter.
    Group(Expression),
    Error,
}

#[derive(Clone, Debug)]
pub struct Element {
    pub spread: bool,
    pub value: Expression,
}

#[derive(Clone, Debug)]
pub struct Argument {
    pub name: Option<Name>,
    pub value: Expression,
}

#[derive(Clone, Debug)]
pub enum StringPart {
    Text(SmolStr),
    Interpolation(Expression),
}

/// Units that may be attached to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Bytes,
    Kilobytes,
    Megabytes,
    Gigabytes,
    Terabytes,
    Percent,
}

impl Unit {
    pub const ALL: [(Unit, &'static str); 13] = [
        (Unit::Microseconds, "us"),
        (Unit::Milliseconds, "ms"),
        (Unit::Seconds, "s"),
        (Unit::Minutes, "m"),
        (Unit::Hours, "h"),
        (Unit::Days, "d"),
        (Unit::Weeks, "w"),
        (Unit::Bytes, "B"),
        (Unit::Kilobytes, "KB"),
        (Unit::Megabytes, "MB"),
        (Unit::Gigabytes, "GB"),
        (Unit::Terabytes, "TB"),
        (Unit::Percent, "%"),
    ];

    pub fn from_suffix(suffix: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|(_, text)| *text == suffix).map(|(unit, _)| unit)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    Not,
    Negate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Coalesce,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl BinaryOperator {
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::Coalesce => "??",
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
        }
    }
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpression {
    pub span: Span,
    pub kind: Arc<TypeExpressionKind>,
}

#[derive(Clone, Debug)]
pub enum TypeExpressionKind {
    /// `int(1..100)`, `table<Customer>`, `instance(training)`, `data(s3, redshift)`, `x.Customer`
    Named {
        path: Vec<Name>,
        arguments: Vec<TypeExpression>,
        constraints: Vec<Constraint>,
    },
    /// `"a"`, `5` in a union
    Literal(Expression),
    /// `a | b`
    Union(Vec<TypeExpression>),
    /// `T?`
    Optional(TypeExpression),
    /// `{ a: int, b?: string }`
    Record(Vec<Field>),
    Error,
}

/// What stands in the parentheses of a type.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// `1..100`, `1..`, `..100`
    Range {
        low: Option<Expression>,
        high: Option<Expression>,
        span: Span,
    },
    Value(Expression),
}
