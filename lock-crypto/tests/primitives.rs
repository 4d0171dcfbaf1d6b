//! The suites against the vectors of the documents that define them, and against each other.

use lock_crypto::kdf::{expand, extract};
use lock_crypto::{ChipCrypto, Key, OpenError, RunningHash, RustCrypto, Suite};
use proptest::prelude::*;

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

const SUNSCREEN: &[u8] =
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";

#[test]
fn sealing_agrees_with_rfc_8439_section_2_8_2() {
    sealing::<RustCrypto>();
    sealing::<ChipCrypto>();
}

fn sealing<S: Suite>() {
    let key: [u8; 32] = core::array::from_fn(|place| 0x80 + place as u8);
    let nonce = bytes("070000004041424344454647");
    let associated_data: [u8; 12] = bytes("50515253c0c1c2c3c4c5c6c7");
    let mut buffer = SUNSCREEN.to_vec();
    let tag = S::seal(&key, &nonce, &associated_data, &mut buffer);
    assert_eq!(
        hex::encode(&buffer),
        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06\
         0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265\
         86cec64b6116"
    );
    assert_eq!(hex::encode(tag), "1ae10b594f09e26a7e902ecbd0600691");
    S::open(&key, &nonce, &associated_data, &mut buffer, &tag).unwrap();
    assert_eq!(buffer, SUNSCREEN);
}

#[test]
fn opening_agrees_with_rfc_8439_appendix_a_5() {
    opening::<RustCrypto>();
    opening::<ChipCrypto>();
}

fn opening<S: Suite>() {
    let key = bytes("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    let nonce = bytes("000000000102030405060708");
    let associated_data: [u8; 12] = bytes("f33388860000000000004e91");
    let tag = bytes("eead9d67890cbb22392336fea1851f38");
    let mut buffer = hex::decode(
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c\
         321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61\
         c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0\
         a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434e\
         cebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4\
         022b02709b",
    )
    .unwrap();
    S::open(&key, &nonce, &associated_data, &mut buffer, &tag).unwrap();
    let text = String::from_utf8(buffer).unwrap();
    assert!(text.starts_with("Internet-Drafts are draft documents valid for a maximum of six months"));
    assert!(text.ends_with("other than as /\u{201c}work in progress./\u{201d}"));
}

#[test]
fn a_message_with_a_wrong_tag_leaves_the_buffer_as_it_was() {
    wrong_tag::<RustCrypto>();
    wrong_tag::<ChipCrypto>();
}

fn wrong_tag<S: Suite>() {
    let (key, nonce) = ([1; 32], [2; 12]);
    let mut buffer = *b"a body that must not be seen";
    let mut tag = S::seal(&key, &nonce, b"", &mut buffer);
    let sealed = buffer;
    tag[0] ^= 1;
    assert_eq!(S::open(&key, &nonce, b"", &mut buffer, &tag), Err(OpenError));
    assert_eq!(buffer, sealed);
}

#[test]
fn hchacha20_agrees_with_the_xchacha_draft_section_2_2_1() {
    subkey::<RustCrypto>();
    subkey::<ChipCrypto>();
}

fn subkey<S: Suite>() {
    let key: [u8; 32] = core::array::from_fn(|place| place as u8);
    let subkey = S::hchacha20(&key, &bytes("000000090000004a0000000031415927"));
    assert_eq!(hex::encode(subkey), "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
}

#[test]
fn the_composed_xchacha20_poly1305_agrees_with_the_xchacha_draft_appendix_a_3_1() {
    long_nonce::<RustCrypto>();
    long_nonce::<ChipCrypto>();
}

fn long_nonce<S: Suite>() {
    let key: [u8; 32] = core::array::from_fn(|place| 0x80 + place as u8);
    let nonce: [u8; 24] = core::array::from_fn(|place| 0x40 + place as u8);
    let associated_data: [u8; 12] = bytes("50515253c0c1c2c3c4c5c6c7");
    let subkey = S::hchacha20(&key, nonce[..16].try_into().unwrap());
    let mut short_nonce = [0; 12];
    short_nonce[4..].copy_from_slice(&nonce[16..]);
    let mut buffer = SUNSCREEN.to_vec();
    let tag = S::seal(&subkey, &short_nonce, &associated_data, &mut buffer);
    assert_eq!(
        hex::encode(&buffer),
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54\
         c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6\
         15c68b13b52e"
    );
    assert_eq!(hex::encode(tag), "c0875924c1c7987947deafd8780acf49");
}

#[test]
fn hmac_agrees_with_rfc_4231() {
    hmac::<RustCrypto>();
    hmac::<ChipCrypto>();
}

fn hmac<S: Suite>() {
    let long_key = [0xaa; 131];
    let counting: [u8; 25] = core::array::from_fn(|place| 1 + place as u8);
    let cases: [(&[u8], &[u8], &str); 6] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (
            &long_key,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &long_key,
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
              hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, message, expected) in cases {
        assert_eq!(hex::encode(S::hmac(key, &[message])), expected);
        let (left, right) = message.split_at(message.len() / 2);
        assert_eq!(hex::encode(S::hmac(key, &[left, &[], right])), expected);
    }
}

#[test]
fn hkdf_agrees_with_rfc_5869_test_case_1() {
    let salt: [u8; 13] = core::array::from_fn(|place| place as u8);
    let info: [u8; 10] = core::array::from_fn(|place| 0xf0 + place as u8);
    let key = extract::<RustCrypto>(&salt, &[0x0b; 22]);
    assert_eq!(hex::encode(key.expose()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    let mut out = [0; 42];
    expand::<RustCrypto, _, _>(&key, [&info], &mut out);
    let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
    assert_eq!(hex::encode(out), expected);
    out = [0; 42];
    expand::<RustCrypto, _, _>(&key, [&info[..3], &[], &info[3..]], &mut out);
    assert_eq!(hex::encode(out), expected);
}

#[test]
fn hkdf_agrees_with_rfc_5869_test_case_2() {
    let material: [u8; 80] = core::array::from_fn(|place| place as u8);
    let salt: [u8; 80] = core::array::from_fn(|place| 0x60 + place as u8);
    let info: [u8; 80] = core::array::from_fn(|place| 0xb0 + place as u8);
    let key = extract::<RustCrypto>(&salt, &material);
    let mut out = [0; 82];
    expand::<RustCrypto, _, _>(&key, [&info], &mut out);
    assert_eq!(
        hex::encode(out),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09\
         b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
    );
}

#[test]
fn hkdf_agrees_with_rfc_5869_test_case_3() {
    let key: Key = extract::<RustCrypto>(&[], &[0x0b; 22]);
    let mut out = [0; 42];
    expand::<RustCrypto, 0, _>(&key, [], &mut out);
    assert_eq!(
        hex::encode(out),
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    );
}

proptest! {
    /// The length decides how blocks of both primitives are filled.
    #[test]
    fn both_suites_seal_and_open_alike(
        key: [u8; 32],
        nonce: [u8; 12],
        associated_data in proptest::collection::vec(any::<u8>(), 0..70),
        message in proptest::collection::vec(any::<u8>(), 0..300),
        flipped in any::<prop::sample::Index>(),
    ) {
        let (mut one, mut other) = (message.clone(), message.clone());
        let tag = RustCrypto::seal(&key, &nonce, &associated_data, &mut one);
        prop_assert_eq!(ChipCrypto::seal(&key, &nonce, &associated_data, &mut other), tag);
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(ChipCrypto::open(&key, &nonce, &associated_data, &mut one, &tag), Ok(()));
        prop_assert_eq!(&one, &message);

        let mut altered = [other.as_slice(), tag.as_slice()].concat();
        altered[flipped.index(other.len() + 16)] ^= 1;
        let (body, tag) = altered.split_at_mut(other.len());
        let tag: [u8; 16] = (&*tag).try_into().unwrap();
        let before = body.to_vec();
        prop_assert_eq!(ChipCrypto::open(&key, &nonce, &associated_data, body, &tag), Err(OpenError));
        prop_assert_eq!(body, before);
    }

    #[test]
    fn a_hash_that_comes_in_pieces_is_that_of_the_whole(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..140), 0..5),
    ) {
        let mut running = <ChipCrypto as Suite>::RunningHash::default();
        pieces.iter().for_each(|piece| running.update(piece));
        prop_assert_eq!(running.finish(), RustCrypto::hash(&[&pieces.concat()]));
    }

    #[test]
    fn both_suites_hash_alike(key in proptest::collection::vec(any::<u8>(), 0..100), message: [u8; 90], cut in 0_usize..90) {
        let parts: [&[u8]; 2] = [&message[..cut], &message[cut..]];
        prop_assert_eq!(ChipCrypto::hash(&parts), RustCrypto::hash(&parts));
        prop_assert_eq!(ChipCrypto::hmac(&key, &parts), RustCrypto::hmac(&key, &parts));
        let (key, input): ([u8; 32], [u8; 16]) = (message[..32].try_into().unwrap(), message[32..48].try_into().unwrap());
        prop_assert_eq!(ChipCrypto::hchacha20(&key, &input), RustCrypto::hchacha20(&key, &input));
    }
}
