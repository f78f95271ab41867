//! Which members the parts of a machine have: the fields of the States Language, by the type of a state and the language
//! of its queries.

/// The type of a member's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Is {
    Text,
    Bool,
    /// A whole number from a least to a most; in JSONata also an expression.
    Int(i64, i64),
    Number(f64, f64),
    OneOf(&'static [&'static str]),
    /// A path, or `null`.
    Path,
    /// A path to one place, or `null`.
    Reference,
    /// Data with paths or expressions in it.
    Payload,
    /// Data as it is.
    Json,
    /// `Assign`: an object whose keys are variables.
    Assign,
    Target,
    Retry,
    Catch,
    Choices,
    Branches,
    Body,
    Texts,
    Members(&'static [Field]),
}

/// Which language a member belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Both,
    Path,
    Jsonata,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) of: Of,
    pub(super) is: Is,
    pub(super) needed: bool,
}

const fn field(name: &'static str, of: Of, is: Is) -> Field {
    Field { name, of, is, needed: false }
}

const fn needed(name: &'static str, of: Of, is: Is) -> Field {
    Field { name, of, is, needed: true }
}

use Is::{
    Assign, Body, Bool, Branches, Catch, Choices, Int, Json, Members, Number, OneOf, Payload, Reference, Retry, Target,
    Text, Texts,
};
use Of::{Both, Jsonata, Path as P};

const LONGEST: i64 = 99_999_999;
const LANGUAGES: &[&str] = &["JSONPath", "JSONata"];

pub(super) const MACHINE: &[Field] = &[
    field("Comment", Both, Text),
    needed("StartAt", Both, Target),
    needed("States", Both, Json),
    field("QueryLanguage", Both, OneOf(LANGUAGES)),
    field("TimeoutSeconds", Both, Int(1, LONGEST)),
    field("Version", Both, Text),
];

pub(super) const BRANCH: &[Field] =
    &[field("Comment", Both, Text), needed("StartAt", Both, Target), needed("States", Both, Json)];

pub(super) const BODY: &[Field] = &[
    field("Comment", Both, Text),
    needed("StartAt", Both, Target),
    needed("States", Both, Json),
    field(
        "ProcessorConfig",
        Both,
        Members(&[
            field("Mode", Both, OneOf(&["INLINE", "DISTRIBUTED"])),
            field("ExecutionType", Both, OneOf(&["STANDARD", "EXPRESS"])),
        ]),
    ),
];

const ALL: &[Field] =
    &[needed("Type", Both, Text), field("Comment", Both, Text), field("QueryLanguage", Both, OneOf(LANGUAGES))];
const FLOW: &[Field] = &[field("Next", Both, Target), field("End", Both, Bool)];
const DATA: &[Field] = &[
    field("InputPath", P, Is::Path),
    field("OutputPath", P, Is::Path),
    field("Output", Jsonata, Payload),
    field("Assign", Both, Assign),
];
const RESULT: &[Field] = &[
    field("ResultSelector", P, Payload),
    field("ResultPath", P, Reference),
    field("Retry", Both, Retry),
    field("Catch", Both, Catch),
];
const TASK: &[Field] = &[
    needed("Resource", Both, Text),
    field("Parameters", P, Payload),
    field("Arguments", Jsonata, Payload),
    field("TimeoutSeconds", Both, Int(1, LONGEST)),
    field("TimeoutSecondsPath", P, Reference),
    field("HeartbeatSeconds", Both, Int(1, LONGEST)),
    field("HeartbeatSecondsPath", P, Reference),
    field("Credentials", Both, Payload),
];
const PARALLEL: &[Field] =
    &[needed("Branches", Both, Branches), field("Parameters", P, Payload), field("Arguments", Jsonata, Payload)];
const PASS: &[Field] = &[field("Result", P, Json), field("ResultPath", P, Reference), field("Parameters", P, Payload)];
const WAIT: &[Field] = &[
    field("Seconds", Both, Int(0, LONGEST)),
    field("Timestamp", Both, Text),
    field("SecondsPath", P, Reference),
    field("TimestampPath", P, Reference),
];
const CHOICE: &[Field] = &[needed("Choices", Both, Choices), field("Default", Both, Target)];
const FAIL: &[Field] = &[
    field("Error", Both, Text),
    field("Cause", Both, Text),
    field("ErrorPath", P, Is::Path),
    field("CausePath", P, Is::Path),
];
const MAP: &[Field] = &[
    field("ItemProcessor", Both, Body),
    field("Iterator", Both, Body),
    field("ItemsPath", P, Is::Path),
    field("Items", Jsonata, Payload),
    field("ItemSelector", Both, Payload),
    field("Parameters", P, Payload),
    field("MaxConcurrency", Both, Int(0, 10_000)),
    field("MaxConcurrencyPath", P, Reference),
    field("ItemReader", Both, Members(READER)),
    field("ItemBatcher", Both, Members(BATCHER)),
    field("ResultWriter", Both, Members(WRITER)),
    field("Label", Both, Text),
    field("ToleratedFailurePercentage", Both, Number(0.0, 100.0)),
    field("ToleratedFailurePercentagePath", P, Reference),
    field("ToleratedFailureCount", Both, Int(0, i64::MAX)),
    field("ToleratedFailureCountPath", P, Reference),
];
const READER: &[Field] = &[
    needed("Resource", Both, Text),
    field("Parameters", P, Payload),
    field("Arguments", Jsonata, Payload),
    field(
        "ReaderConfig",
        Both,
        Members(&[
            field("InputType", Both, OneOf(&["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"])),
            field("CSVDelimiter", Both, OneOf(&["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
            field("CSVHeaderLocation", Both, OneOf(&["FIRST_ROW", "GIVEN"])),
            field("CSVHeaders", Both, Texts),
            field("MaxItems", Both, Int(0, 100_000_000)),
            field("MaxItemsPath", P, Reference),
            field("ItemsPointer", Both, Text),
            field("Transformation", Both, OneOf(&["NONE", "LOAD_AND_FLATTEN"])),
            field("ManifestType", Both, OneOf(&["ATHENA_DATA", "S3_INVENTORY"])),
        ]),
    ),
];
const BATCHER: &[Field] = &[
    field("MaxItemsPerBatch", Both, Int(1, i64::MAX)),
    field("MaxItemsPerBatchPath", P, Reference),
    field("MaxInputBytesPerBatch", Both, Int(1, 262_144)),
    field("MaxInputBytesPerBatchPath", P, Reference),
    field("BatchInput", Both, Payload),
];
const WRITER: &[Field] = &[
    field("Resource", Both, Text),
    field("Parameters", P, Payload),
    field("Arguments", Jsonata, Payload),
    field(
        "WriterConfig",
        Both,
        Members(&[
            field("Transformation", Both, OneOf(&["NONE", "COMPACT", "FLATTEN"])),
            field("OutputType", Both, OneOf(&["JSON", "JSONL"])),
        ]),
    ),
];
pub(super) const RETRIER: &[Field] = &[
    needed("ErrorEquals", Both, Texts),
    field("Comment", Both, Text),
    field("IntervalSeconds", Both, Int(1, LONGEST)),
    field("MaxAttempts", Both, Int(0, LONGEST)),
    field("BackoffRate", Both, Number(1.0, f64::MAX)),
    field("MaxDelaySeconds", Both, Int(1, 31_622_400)),
    field("JitterStrategy", Both, OneOf(&["FULL", "NONE"])),
];
pub(super) const CATCHER: &[Field] = &[
    needed("ErrorEquals", Both, Texts),
    needed("Next", Both, Target),
    field("Comment", Both, Text),
    field("ResultPath", P, Reference),
    field("Assign", Both, Assign),
    field("Output", Jsonata, Payload),
];

pub(super) const TYPES: [&str; 8] = ["Task", "Parallel", "Map", "Pass", "Wait", "Choice", "Succeed", "Fail"];

/// All members of a state's type.
pub(super) fn of_state(type_: &str) -> Vec<&'static Field> {
    let lists: &[&[Field]] = match type_ {
        "Task" => &[ALL, FLOW, DATA, RESULT, TASK],
        "Parallel" => &[ALL, FLOW, DATA, RESULT, PARALLEL],
        "Map" => &[ALL, FLOW, DATA, RESULT, MAP],
        "Pass" => &[ALL, FLOW, DATA, PASS],
        "Wait" => &[ALL, FLOW, DATA, WAIT],
        "Choice" => &[ALL, DATA, CHOICE],
        "Succeed" => &[ALL, DATA],
        "Fail" => &[ALL, FAIL],
        _ => &[],
    };
    lists.iter().flat_map(|list| list.iter()).collect()
}

/// Members of a state's type of which at most one may stand there, and whether one must.
pub(super) fn apart(type_: &str) -> &'static [(&'static [&'static str], bool)] {
    match type_ {
        "Task" => &[
            (&["Next", "End"], true),
            (&["TimeoutSeconds", "TimeoutSecondsPath"], false),
            (&["HeartbeatSeconds", "HeartbeatSecondsPath"], false),
        ],
        "Parallel" | "Pass" => &[(&["Next", "End"], true)],
        "Map" => &[
            (&["Next", "End"], true),
            (&["ItemProcessor", "Iterator"], true),
            (&["ItemSelector", "Parameters"], false),
            (&["MaxConcurrency", "MaxConcurrencyPath"], false),
            (&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"], false),
            (&["ToleratedFailureCount", "ToleratedFailureCountPath"], false),
        ],
        "Wait" => &[(&["Next", "End"], true), (&["Seconds", "Timestamp", "SecondsPath", "TimestampPath"], true)],
        "Fail" => &[(&["Error", "ErrorPath"], false), (&["Cause", "CausePath"], false)],
        _ => &[],
    }
}

/// How a rule of JSONPath compares: the types of the constants.
pub(super) fn comparison(name: &str) -> Option<Is> {
    if name == "StringMatches" {
        return Some(Text);
    }
    if matches!(name, "IsNull" | "IsPresent" | "IsNumeric" | "IsString" | "IsBoolean" | "IsTimestamp" | "BooleanEquals")
    {
        return Some(Bool);
    }
    if name == "BooleanEqualsPath" {
        return Some(Is::Path);
    }
    let ways = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"];
    for (start, is) in [("String", Text), ("Numeric", Number(f64::MIN, f64::MAX)), ("Timestamp", Text)] {
        if let Some(way) = name.strip_prefix(start) {
            if ways.contains(&way) {
                return Some(is);
            }
            if way.strip_suffix("Path").is_some_and(|way| ways.contains(&way)) {
                return Some(Is::Path);
            }
        }
    }
    None
}

/// Names of errors that Step Functions itself gives.
pub(super) const ERRORS: [&str; 17] = [
    "States.ALL",
    "States.Timeout",
    "States.HeartbeatTimeout",
    "States.TaskFailed",
    "States.Permissions",
    "States.ResultPathMatchFailure",
    "States.ParameterPathFailure",
    "States.BranchFailed",
    "States.NoChoiceMatched",
    "States.IntrinsicFailure",
    "States.ExceedToleratedFailureThreshold",
    "States.ItemReaderFailed",
    "States.ResultWriterFailed",
    "States.QueryEvaluationError",
    "States.DataLimitExceeded",
    "States.Runtime",
    "States.Http.Socket",
];
