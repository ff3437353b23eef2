//! The batch contract: one JSON object a line in, one a line out, in input order, on all cores. A bad line gives
//! `{"id":…,"error":"…"}` and the run goes on.

use std::io::{self, BufRead, Write};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The longest line that is read, in bytes: a page of 10 MB in JSON fits several times.
const MAX_LINE: u64 = 64 << 20;
/// How many lines, and how many bytes of them, are in memory at once.
const CHUNK_LINES: usize = 256;
const CHUNK_BYTES: usize = 64 << 20;

/// Answers each line of `input` with a line of `output`. `work` gets the parsed line; what it returns is written as it is, so it
/// repeats the `id`.
///
/// # Errors
/// When input or output fails.
pub fn run<Question, Answer>(
    input: impl BufRead,
    output: impl Write,
    jobs: Option<NonZeroUsize>,
    work: impl Fn(Question) -> Result<Answer, String> + Sync,
) -> anyhow::Result<()>
where
    Question: DeserializeOwned + Send,
    Answer: Serialize + Send,
{
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.map_or(0, NonZeroUsize::get)).build().context("cannot start threads")?;
    let mut input = input;
    let mut output = io::BufWriter::new(output);
    loop {
        let lines = read_chunk(&mut input).context("cannot read the batch from standard input")?;
        if lines.is_empty() {
            break;
        }
        let answers: Vec<Vec<u8>> = pool.install(|| lines.par_iter().map(|line| answer(line, &work)).collect());
        for answer in answers {
            output.write_all(&answer).context("cannot write the batch to standard output")?;
        }
        output.flush().context("cannot write the batch to standard output")?;
    }
    Ok(())
}

enum Line {
    Whole(Vec<u8>),
    TooLong,
}

fn read_chunk(input: &mut impl BufRead) -> io::Result<Vec<Line>> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
        let mut line = Vec::new();
        let read = io::Read::take(&mut *input, MAX_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        bytes += read;
        if line.last() != Some(&b'\n') && read as u64 == MAX_LINE {
            input.skip_until(b'\n')?;
            lines.push(Line::TooLong);
        } else if !line.trim_ascii().is_empty() {
            lines.push(Line::Whole(line));
        }
    }
    Ok(lines)
}

fn answer<Question: DeserializeOwned, Answer: Serialize>(line: &Line, work: &impl Fn(Question) -> Result<Answer, String>) -> Vec<u8> {
    let written = match line {
        Line::TooLong => Err((Value::Null, format!("the line is longer than {} MiB", MAX_LINE >> 20))),
        Line::Whole(line) => answer_whole(line, work),
    };
    let mut bytes = written.unwrap_or_else(|(id, error)| json!({"id": id, "error": error}).to_string().into_bytes());
    bytes.push(b'\n');
    bytes
}

fn answer_whole<Question: DeserializeOwned, Answer: Serialize>(
    line: &[u8],
    work: &impl Fn(Question) -> Result<Answer, String>,
) -> Result<Vec<u8>, (Value, String)> {
    let question: Value = serde_json::from_slice(line).map_err(|error| (Value::Null, format!("not a line of JSON: {error}")))?;
    let id = question.get("id").cloned().unwrap_or(Value::Null);
    let failed = |error| (id.clone(), error);
    let question = serde_json::from_value(question).map_err(|error| failed(error.to_string()))?;
    // A panic is our own bug; in a batch it costs one line.
    let answer = catch_unwind(AssertUnwindSafe(|| work(question)))
        .unwrap_or_else(|_| Err("internal error: this is a bug in topicwire; please report the line".to_owned()))
        .map_err(failed)?;
    serde_json::to_vec(&answer).map_err(|error| failed(error.to_string()))
}
