//! Virtual keys as the lock reads them: nothing that it does not understand passes.

use lock_proto::{Caveat, Reason, Ticket, TicketRights, UnixMillis, encode_caveats};
use lock_state::Grant;

/// The first number of a condition that this version does not know.
const UNKNOWN: u8 = Caveat::Staleness(lock_proto::Seconds(0)).number() + 1;

fn root() -> Vec<u8> {
    let said = [
        Caveat::Serial(7),
        Caveat::Issued(UnixMillis(1)),
        Caveat::Epoch(0),
        Caveat::Rights(TicketRights::ALL),
        Caveat::Depth(1),
    ];
    encode_caveats(said, &mut [0; Ticket::MAX_ROOT]).unwrap().to_vec()
}

fn read(root: &[u8], block: &[u8]) -> Result<Grant, Reason> {
    Grant::read(root, [block].into_iter(), |_| Some(1))
}

#[test]
fn a_condition_that_is_unknown_here_makes_the_key_invalid() {
    let known = [Caveat::Depth(0).number(), 0];
    assert!(read(&root(), &known).is_ok());
    for number in [UNKNOWN, u8::MAX] {
        let unknown_root = [root().as_slice(), &[number]].concat();
        assert_eq!(read(&unknown_root, &known), Err(Reason::InvalidTicket), "{number} in the root");
        assert_eq!(read(&root(), &[number]), Err(Reason::InvalidTicket), "{number} alone in a block");
        let behind = [known.as_slice(), &[number]].concat();
        assert_eq!(read(&root(), &behind), Err(Reason::InvalidTicket), "{number} behind another");
    }
}

#[test]
fn what_only_the_cloud_may_say_makes_a_block_invalid() {
    for said in [Caveat::Serial(7), Caveat::Issued(UnixMillis(1)), Caveat::Epoch(0), Caveat::Holder([1; 32])]
    {
        let mut block = [0; Caveat::MAX_BYTES];
        let block = encode_caveats([said], &mut block).unwrap();
        assert_eq!(read(&root(), block), Err(Reason::InvalidTicket), "{said:?}");
    }
}
