//! Every code, with its wording. A code is never used again for something else. Each has a page in `docs/errors`.

use super::{Row, Severity};

macro_rules! catalogue {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $code:literal $message:literal, $label:literal, $help:literal;)*) => {
        $(
            $(#[$doc])*
            pub static $name: Row = Row {
                code: $code,
                severity: Severity::$severity,
                message: $message,
                label: $label,
                help: $help,
            };
        )*
        /// All rows, in the order of their codes.
        pub static CATALOGUE: &[&Row] = &[$(&$name),*];
    };
}

catalogue! {
    // E01: how a file is written.
    SYNTAX = Error "E0101" "{problem}.", "{label}", "{help}";
    NESTING = Error "E0102" "This is nested more than {limit} levels deep.", "the level that is too deep", "give an inner part a name with `let` and use the name";
    UNCLOSED = Error "E0103" "This {what} is never closed.", "opened here", "close it with `{closer}`";
    UNKNOWN_WORD = Error "E0104" "`{word}` is not a word that starts a declaration.", "no such declaration", "";
    TEXT = Error "E0105" "{problem}.", "{label}", "";
    NUMBER = Error "E0106" "{problem}.", "{label}", "";
    FOREIGN = Error "E0107" "`{found}` is written `{right}` in this language.", "write `{right}`", "";
    RESERVED = Error "E0108" "`{word}` is a reserved word and cannot be a name.", "reserved", "after a dot, and as a key before `=`, any word is a name";
    STRAY = Error "E0109" "This `{closer}` closes nothing.", "nothing is open here", "remove it, or add what it should close";
    CHAIN = Error "E0110" "This expression is a chain of more than {limit} operators, members or calls.", "too long", "give a part of it a name with `let` and use the name";
    CHARACTER = Error "E0111" "{problem}.", "{label}", "{help}";

    // E02: files, names and what they stand for.
    UNKNOWN_NAME = Error "E0201" "Nothing here is called `{name}`.", "unknown name", "";
    DECLARED_TWICE = Error "E0202" "`{name}` is declared twice.", "declared again", "rename one of the two";
    UNREADABLE_FILE = Error "E0203" "`{path}` cannot be read: {reason}.", "asked for here", "";
    IMPORT_CYCLE = Error "E0204" "These files import each other in a circle: {cycle}.", "closes the circle", "move what they share into a file of its own";
    NOT_EXPORTED = Error "E0205" "`{path}` declares no `{name}`.", "not declared there", "";
    NOT_UTF8 = Error "E0206" "`{path}` is not UTF-8 text: line {line} holds a byte that cannot be read.", "imported here", "save the file as UTF-8";
    IMPORT_PATH = Error "E0207" "An import names a file by plain text that starts with `./` or `../`.", "not a relative path", "";
    UNKNOWN_TYPE = Error "E0208" "There is no type called `{name}`.", "unknown type", "";
    NOT_A_TYPE = Error "E0209" "`{name}` is not a type.", "not a type", "types are built in, or declared with `schema`, `type` or `kind`";
    TYPE_AS_VALUE = Error "E0210" "`{name}` is a type, and a value belongs here.", "a type", "";
    KIND_AS_VALUE = Error "E0211" "`{name}` is a kind; it is used with its fields in braces.", "a kind", "";
    NOT_A_VALUE = Error "E0212" "`{name}` is a `{word}` and has no value of its own.", "no value", "";
    UNKNOWN_KIND = Error "E0213" "There is no kind called `{name}`.", "unknown kind", "";
    NO_KIND = Error "E0214" "`{word} {name}` needs a kind with its fields in braces.", "not an application of a kind", "";
    KIND_CYCLE = Error "E0215" "The kind `{name}` narrows itself.", "closes the circle", "";
    VALUE_CYCLE = Error "E0216" "The value of `{name}` depends on itself.", "needed while it is being computed", "";
    TYPE_CYCLE = Error "E0217" "The type `{name}` holds itself.", "holds itself", "";
    MISPLACED = Error "E0218" "`{word}` cannot stand in {place}.", "misplaced", "here may stand: {allowed}";
    CALL_PATH = Error "E0219" "An AWS call is written `aws.service.Operation`.", "not such a path", "for example `aws.s3.HeadObject`";
    RECURSION = Error "E0220" "`{name}` applies itself without end.", "applied again", "";

    // E03: types and values.
    TYPE_MISMATCH = Error "E0301" "{what} takes {expected}, and this is {found}.", "{found}", "";
    NOT_ONE_OF = Error "E0302" "{value} is not one of the values of {what}.", "not one of them", "";
    OUT_OF_RANGE = Error "E0303" "{what} takes {expected}, and {value} is outside.", "outside the range", "";
    LENGTH = Error "E0304" "{what} takes {limit} characters, and this has {length}.", "{length} characters", "";
    PATTERN = Error "E0305" "{what} must match `{pattern}`, and \"{value}\" does not.", "does not match", "";
    UNKNOWN_KEY = Error "E0306" "{what} has no `{key}`.", "unknown", "";
    MISSING_KEY = Error "E0307" "{what} lacks `{key}`.", "`{key}` is missing", "add `{key}`: {type}";
    INSTANCE_JOB = Error "E0308" "`{value}` cannot run {job} jobs.", "not for {job}", "";
    UNKNOWN_INSTANCE = Error "E0309" "There is no instance type `{value}` for {job} jobs.", "unknown instance type", "";
    MAYBE_NONE = Error "E0310" "{what} needs {expected}, and this may be `none`.", "may be `none`", "handle `none` with `??`, `?.` or a `when`";
    NONE_VALUE = Error "E0311" "{what} needs {expected}, and this is `none`.", "`none`", "";
    NO_MEMBER = Error "E0312" "There is no `{name}` in {found}.", "no such member", "";
    MEMBER_OF_NONE = Error "E0313" "`none` has no `{name}`.", "the value before it is `none`", "`?.` gives `none` where there is none";
    NOT_TEXT = Error "E0314" "A text can hold text, numbers, truth values and locations, and this is {found}.", "not text", "";
    NOT_A_CONDITION = Error "E0315" "`{word}` needs `true` or `false`, and this is {found}.", "not a condition", "";
    BAD_OPERANDS = Error "E0316" "`{operator}` cannot combine {left} and {right}.", "these do not go together", "";
    BAD_OPERAND = Error "E0317" "`{operator}` cannot be applied to {found}.", "not a number", "";
    DIVISION_BY_ZERO = Error "E0318" "This divides by zero.", "zero", "";
    NUMBER_TOO_LARGE = Error "E0319" "This number is too large.", "too large", "";
    NOT_INDEXABLE = Error "E0320" "Only lists and objects have elements, and this is {found}.", "no elements", "";
    NO_ELEMENT = Error "E0321" "The list has {length}, so there is none at {index}.", "outside the list", "the first element is at 0";
    NOT_ITERABLE = Error "E0322" "A loop goes through a list or an object, and this is {found}.", "not a list", "";
    BAD_SPREAD = Error "E0323" "`...` takes {wanted} here, and this is {found}.", "cannot be spread", "";
    BAD_KEY = Error "E0324" "A key is text, and this is {found}.", "not text", "";
    KEY_TWICE = Error "E0325" "`{key}` is given twice.", "given again", "remove one of the two";
    NOT_WHOLE = Error "E0326" "{value} is not a whole number of {unit}.", "not whole in {unit}", "";
    NOT_CALLABLE = Error "E0327" "Only functions and kinds can be called, and this is {found}.", "not a function", "";
    UNKNOWN_ARGUMENT = Error "E0328" "`{function}` has no parameter called `{name}`.", "unknown parameter", "";
    ARGUMENT_TWICE = Error "E0329" "`{name}` of `{function}` is given twice.", "given again", "";
    TOO_MANY_ARGUMENTS = Error "E0330" "`{function}` takes {most}.", "one too many", "";
    MISSING_ARGUMENT = Error "E0331" "`{function}` needs its argument `{name}`.", "`{name}` is missing", "";
    WRONG_ARGUMENT = Error "E0332" "`{function}` takes {wanted} here, and this is {found}.", "{found}", "";
    TYPE_ARGUMENTS = Error "E0333" "The type `{name}` takes {takes}.", "written otherwise", "";
    BAD_RANGE = Error "E0334" "The limits of a type are literals of its own sort, such as `int(1..100)`.", "not such a limit", "";
    EMPTY_RANGE = Error "E0335" "No value can be in this range: its start is above its end.", "empty", "";
    BAD_PATTERN = Error "E0336" "`{pattern}` is not a regular expression.", "cannot be read", "";
    UNKNOWN_JOB_CLASS = Error "E0337" "There is no class of jobs called `{job}`.", "unknown", "";
    TYPE_FOR_VALUE = Error "E0338" "`{key}` is a field to fill, and `:` would give it a type.", "`=` gives a value", "";
    UNQUOTED = Error "E0339" "`{name}` is text here and is written in quotes.", "without quotes", "";
    PARAM_TYPE = Error "E0340" "`{name}` needs a type or a default.", "neither type nor default", "for example `param {name}: string`";
    PLAIN_BRACES = Warning "W0341" "`{found}` is plain text here: it stays as it is written.", "not replaced by a value", "`{right}` puts in the value of `{name}`";

    // E04: stages and configuration.
    TOO_LATE = Error "E0401" "{what} must be known {needed}, and this is known only {known}.", "known too late", "";
    CONFIG_MISSING = Error "E0402" "`{name}` has no default and was not given.", "no value", "give it with `--set {name}=…` or in a file for `--values`";
    CONFIG_VALUE = Error "E0403" "`{name}` takes {wanted}, and `{origin}` gives {found}.", "takes {wanted}", "";
    UNKNOWN_SETTING = Error "E0404" "No `config` is called `{name}`, which `{origin}` gives.", "", "";

    // E05: kinds and their fields.
    MISSING_FIELDS = Error "E0501" "`{name}` lacks {fields}, which `{kind}` needs.", "lacks {fields}", "";
    UNKNOWN_FIELD = Error "E0502" "`{kind}` has no field called `{name}`.", "unknown field", "";
    FIXED_FIELD = Error "E0503" "`{name}` is fixed by `{kind}` and cannot be given.", "fixed by the kind", "remove it";
    WRONG_ROLE = Error "E0504" "`{kind}` cannot be {article} `{word}`; it is declared with {words}.", "declared as `{word}`", "";
    CHECK_FAILED = Error "E0505" "{message}", "a rule of `{kind}`", "";
    FIXES_UNKNOWN = Error "E0506" "`{name}` is no field of `{base}`, so it cannot be fixed.", "unknown field", "";
    OUTPUT_WITHOUT_TYPE = Error "E0507" "The output `{name}` needs a type.", "a type is missing", "";
    OUTPUT_TYPE = Error "E0508" "The output `{name}` cannot be `{found}`; here go {wanted}.", "not such an output", "";
    COMPUTED_FIELD = Error "E0509" "The fields of a kind are named one by one.", "a computed key", "spread an object with `...` instead";
    STEP_WITH_TYPE = Error "E0510" "A `{word}` has the type that its kind gives it.", "remove the type", "";
    NO_RESULT = Error "E0511" "The step `{step}` ({kind}) gives no `{name}`.", "no such result", "";

    // E06: AWS requests.
    UNKNOWN_SERVICE = Error "E0601" "There is no AWS service called `{service}`.", "unknown service", "";
    UNKNOWN_OPERATION = Error "E0602" "`{service}` has no operation called `{operation}`.", "unknown operation", "";
    REQUEST_UNKNOWN = Error "E0603" "`{place}` takes no member called `{member}`.", "unknown member", "";
    REQUEST_MISSING = Error "E0604" "{place} lacks {members}, which the service needs.", "lacks {members}", "";
    REQUEST_TYPE = Error "E0605" "{member} takes {expected}, and this is {found}.", "{found}", "";
    REQUEST_VALUE = Error "E0606" "`{value}` is not one of the values of `{member}`.", "not one of them", "";
    REQUEST_RANGE = Error "E0607" "`{member}` takes {limit}, and this is {value}.", "outside the range", "";
    REQUEST_COUNT = Error "E0608" "`{member}` takes {limit} {what}, and this has {count}.", "{count} {what}", "";
    REQUEST_PATTERN = Error "E0609" "`{member}` must match `{pattern}`, and \"{value}\" does not.", "does not match", "";
    REQUEST_UNION = Error "E0610" "{place} takes one of its members, and {members} are given.", "more than one", "";

    UNKNOWN_RESOURCE = Error "E0611" "There is no resource type called `{type}`.", "unknown type", "";
    RESOURCE_FORM = Error "E0612" "A resource is written `resource name = aws(\"AWS::…\") { … }`.", "not such a resource", "the type is text, as the templates of a stack write it";
    RESOURCE_REGION = Warning "W0613" "`{type}` is not offered in {region}, as far as is known.", "not in {region}", "deploy to another region, or leave this out there";
    ID_TWICE = Error "E0614" "Two resources of the stack would be called `{id}`.", "the same id", "rename one of them, or give a raw resource another `id`";
    UNKNOWN_ACTION = Error "E0615" "There is no permission called `{action}`.", "unknown action", "";
    WILDCARD = Warning "W0616" "This allows {what}.", "a wide grant", "name the actions and the resources that are needed";

    // E07: the graph and the engines.
    STEP_CYCLE = Error "E0701" "These wait for each other, so none of them can start: {cycle}.", "waits for itself", "break the circle: a workflow runs forward only";
    STEP_NAME = Error "E0702" "The step name `{name}` cannot be used: {problem}.", "cannot be a name", "give another one with `name = \"…\"`";
    STEP_NAME_TWICE = Error "E0703" "Two steps are called `{name}` in AWS.", "the same name", "names are unique in the whole workflow, branches included: give one of them another with `name = \"…\"`";
    NEVER_RUNS = Error "E0704" "`{name}` can never run: {problem}.", "needs both branches", "move it into one of the branches, or let the branches give their results through a step after them";
    CANNOT_RUN = Error "E0705" "`{name}` cannot run in {engine}: {reason}.", "not in {engine}", "";
    CANNOT_RUN_SO = Error "E0706" "`{name}` cannot run in {engine} like this: `{kind}` needs `{condition}` there.", "refused by {engine}", "";
    CALL_ENGINE = Error "E0707" "`{call}` is no step of {engine}.", "not a step there", "make the call in code that a step of the workflow runs";
    ENGINE_CANNOT = Error "E0708" "{engine} cannot do {what}.", "not possible there", "";
    LATE_OPERATION = Error "E0709" "{engine} cannot compute {what} while it runs.", "computed while it runs", "compute it in a step of the workflow, or from values known when the file is built";
    PARAMETER_TYPE = Error "E0710" "{engine} takes no parameter like `{name}`: {problem}.", "no such parameter", "";
    NO_CACHE = Error "E0711" "`{name}` cannot be cached: {engine} keeps no results of {kind} steps.", "not cached", "remove `cache`";
    NO_RETRY = Error "E0712" "`{name}` cannot be retried on `{on}`: {engine} {problem}.", "not retried", "";
    DEFINITION_SIZE = Error "E0713" "The definition of `{name}` has {size} characters, and {engine} takes {limit}.", "too large", "split the workflow, or move long texts into files";
    LITERAL_ONLY = Error "E0714" "`{member}` in {engine} must be known when the file is built, and this is known only while an execution runs.", "known too late", "";
    RAW_STEP = Error "E0715" "`{name}` needs a step type with its members in braces.", "not a step", "";
    RAW_TYPE = Error "E0716" "{engine} has no step type called `{type}`.", "unknown step type", "";
    RAW_REFERENCE = Error "E0717" "`{path}` leads nowhere: {problem}.", "leads nowhere", "";
    RAW_MEMBER = Error "E0718" "A {type} step {problem}.", "{label}", "";
    SAME_PREFIX = Error "E0719" "`{first}` and `{second}` both write to {uri}.", "written twice", "give one of them another `uri`, or leave it out: locations are derived then";
    CONDITION_FORM = Error "E0720" "{engine} can compare a value with a value, and this is {found}.", "not a comparison", "";
    EMPTY_WORKFLOW = Error "E0721" "The workflow `{name}` has no steps, and {engine} needs one.", "no steps", "";
    MANY_STEPS = Warning "W0722" "`{name}` has {count} steps, and an account may run {limit} unless its quota was raised.", "{count} steps", "ask for a higher quota, or split the workflow";
    STACK_CYCLE = Error "E0723" "These resources of the stack wait for each other, so none of them can be made: {cycle}.", "waits for itself", "give one of them a fixed name that the others can use instead of its attribute";
    TEMPLATE_SIZE = Error "E0724" "The stack of `{project}` cannot be one template: {problem}.", "too large", "split the project: give some workflows a project of their own";
    INNER_PREFIX = Error "E0725" "`{second}` writes inside {uri}, the folder that `{first}` writes to.", "inside the folder of another", "who reads the folder reads both: give one of them another `uri`, or leave it out";
    NO_INTEGRATION = Error "E0731" "Step Functions cannot make `{call}` wait {words}: there is no `{pattern}` for it.", "no such integration", "";
    NO_TIMEOUT = Error "E0732" "`{name}` waits for a token and would wait for ever where nobody answers.", "no end", "say how long it waits: `timeout = 1h`";
    CACHE_IGNORED = Warning "W0733" "`cache` has no effect on `{name}`: {engine} keeps no results of steps.", "no effect", "remove it, or run the workflow as a pipeline";
    TRY_ALONE = Error "E0734" "This `try` handles no failure.", "no `on failure`", "say what is done when something in it fails: `on failure as e { … }`, inside the braces";
    HANDLER_READS = Error "E0735" "`{name}` runs when something failed and needs `{other}`, which is part of what failed.", "may not have run", "a handler is told what failed (`on failure as e`: `e.error`, `e.message`); or put a `try` around less";
    HANDLER_UNREACHED = Error "E0736" "This `on failure` is never reached: the one before it handles every failure.", "never reached", "put it before the one without a name";
    STATE_TWICE = Error "E0740" "Two states are called `{name}`.", "the same name", "names are unique in the whole machine, branches and bodies included";
    RAW_STATE_MEMBER = Error "E0741" "{what} {problem}.", "{label}", "";
    RAW_STATE_TYPE = Error "E0742" "There is no state type called `{type}`.", "unknown state type", "";
    RAW_TARGET = Error "E0743" "`{member}` leads to `{name}`, and there is no such state here.", "no such state", "";
    STATE_UNREACHED = Error "E0744" "The state `{name}` is never reached.", "nothing leads here", "let another state lead to it, or remove it";
    NO_END = Error "E0745" "{what} never ends: every way through it goes round for ever.", "no way out from here", "a way ends with `End = true`, a `Succeed` or a `Fail`";
    RAW_VALUE = Error "E0746" "`{member}` takes {expected}, and this is {found}.", "{found}", "";
    RAW_INTEGRATION = Error "E0747" "This resource cannot be called: {problem}.", "no such call", "";
    RAW_ERRORS = Error "E0748" "Errors are not handled as this says: {problem}.", "not so", "";
    VARIABLE = Error "E0749" "The variable `${name}` {problem}.", "not there", "";
    JSONATA = Error "E0750" "This is not JSONata: {problem}.", "{problem}", "";
    JSONATA_FUNCTION = Error "E0751" "The function `${name}` {problem}.", "not so", "";
    RAW_PATH = Error "E0752" "This is no path into the data: {problem}.", "not a path", "";
    WRONG_LANGUAGE = Error "E0753" "`{member}` belongs to {language}, and this state is in {own}.", "of the other language", "`QueryLanguage` on the state or the machine says which one it is in";
    RAW_NO_TIMEOUT = Warning "W0754" "`{name}` waits for a token, and waits for years where nobody answers.", "no end", "say how long it waits: `TimeoutSeconds`, or `HeartbeatSeconds`";

    // E08: data between steps.
    FORMAT = Error "E0801" "{what} reads {accepted}, and this is `{found}`.", "`{found}`", "write the data in a format that is read, or say the right `format` where it is declared";
    HEADER = Error "E0802" "{what} reads rows only, and this table starts with a header line.", "has a header", "write the table without a header and say `header = false`";
    SCHEMA = Error "E0803" "{what} does not get what it needs from `{schema}`: {problem}.", "does not fit", "";
    UNREACHABLE_DATA = Error "E0804" "{what} reads data through {ways}, and {found} of this kind cannot be read so.", "not reachable", "bring it to S3 first, with a step that reads it";

    // E09: the project, its files and its images.
    NO_PROJECT = Error "E0901" "`{name}` belongs to no project.", "no `project`", "";
    TWO_PROJECTS = Error "E0902" "`{name}` is a second `project` for the same files.", "a second one", "a project is declared once; put the other into a file that does not import this one";
    NO_BUCKET = Error "E0903" "A location must be derived here, and the project has no `bucket`.", "needs a bucket", "add `bucket = \"…\"` to the project";
    NO_REGION = Error "E0904" "The image of `{framework}` depends on the region, and the project has no `region`.", "needs a region", "add `region = \"…\"` to the project";
    UNKNOWN_REGION = Error "E0905" "There is no AWS region called `{region}`.", "unknown region", "";
    NO_FILE = Error "E0906" "`{path}` cannot be used: {reason}.", "not there", "";
    NO_IMAGE = Error "E0907" "There is no image of `{framework}` {version} in {region}: {reason}.", "no such image", "";
    IMAGE_UNDECIDED = Error "E0908" "The image of `{framework}` cannot be chosen: `{first}` and `{second}` need different ones.", "either could be given", "give the parameter a type whose values all need the same image, such as `\"ml.g5.xlarge\" | \"ml.g5.2xlarge\"`";
    NOT_BUILT = Error "E0909" "{what} is not built by this version of the compiler.", "not built", "";
    IMPORT_TEXT = Error "E0910" "This is not {format}: {problem}.", "{problem}", "";
    IMPORT_UNKNOWN = Error "E0911" "There is no definition in `{name}`: it is neither a state machine nor a pipeline, nor a template with one.", "no `States`, no `Steps`, no `Resources` with them", "";
    IMPORT_SHAPE = Error "E0912" "{what} must be {expected}, and this is {found}.", "{found}", "";
    IMPORT_KEY_TWICE = Warning "W0913" "`{key}` is given twice, and only the last one counts.", "given again", "";
}
