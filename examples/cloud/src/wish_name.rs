//! Client tokens are each user's own: what one user calls a wish says nothing about another's.

use lock_fleet::ClientToken;

use crate::access::Identity;
use crate::http::Refusal;

/// The longest that a user may choose, in bytes.
const LONGEST: usize = 100;

/// The fleet's name for what `who` calls `token`.
pub(crate) fn of(who: &Identity, token: &str) -> Result<ClientToken, Refusal> {
    let malformed = || {
        Refusal::malformed(
            "a client token has 1 to 100 printable ASCII characters without spaces; use a random one for each wish",
        )
    };
    if token.is_empty() || token.len() > LONGEST {
        return Err(malformed());
    }
    ClientToken::new(format!("{}/{token}", who.user.0)).map_err(|_| malformed())
}

/// A name that nobody has chosen, for a wish that came without one.
pub(crate) fn drawn() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Refusal::failed("the system gave no random bytes; nothing was sent, try again"))?;
    Ok(hex::encode(bytes))
}
