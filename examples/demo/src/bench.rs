//! The test bench of the simulated lock: hands, doors and obstacles, and a look at what is physically true.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// A connection to the bench port of one lock process.
#[derive(Debug)]
pub(crate) struct Bench {
    stream: TcpStream,
    lines: BufReader<TcpStream>,
}

/// What is physically true, whatever the lock believes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Truth {
    /// `extended`, `retracted` or `between`.
    pub(crate) bolt: String,
    /// How often the motor was started since the lock was made.
    pub(crate) motor_runs: u64,
}

impl Bench {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))
            .context("the bench port cannot be reached")?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let lines = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, lines })
    }

    /// Does something to the physical world.
    pub(crate) fn act(&mut self, what: &Value) -> Result<Value> {
        writeln!(self.stream, "{what}").context("the bench hung up")?;
        let mut line = String::new();
        self.lines.read_line(&mut line).context("the bench does not answer")?;
        let answer: Value = serde_json::from_str(&line).context("the bench answers in another language")?;
        if let Some(error) = answer.get("error") {
            bail!("the bench refuses {what}: {error}");
        }
        Ok(answer)
    }

    pub(crate) fn look(&mut self) -> Result<Truth> {
        let seen = self.act(&json!({ "look": true }))?;
        let bolt = seen.get("bolt").and_then(Value::as_str).context("the bench shows no bolt")?.to_owned();
        let motor_runs =
            seen.get("motor_runs").and_then(Value::as_u64).context("the bench counts no motor runs")?;
        Ok(Truth { bolt, motor_runs })
    }

    /// What the lock says of itself.
    pub(crate) fn says(&mut self) -> Result<Value> {
        let mut seen = self.act(&json!({ "look": true }))?;
        seen.get_mut("says").map(Value::take).context("the bench shows nothing of what the lock says")
    }

    /// Waits until the bolt physically is at `position`.
    pub(crate) fn wait_for_bolt(&mut self, position: &str, limit: Duration) -> Result<Truth> {
        let deadline = Instant::now() + limit;
        loop {
            let truth = self.look()?;
            if truth.bolt == position {
                return Ok(truth);
            }
            if Instant::now() >= deadline {
                bail!("the bolt is {} and not {position} after {limit:?}", truth.bolt);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
