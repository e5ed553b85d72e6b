use chrono::{DateTime, Utc};
use harken_contracts::{
    subjects::{RecordKind, subjects_record},
    wire::events::v1::{RecordCause, RecordChanged},
};
