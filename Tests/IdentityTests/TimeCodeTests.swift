import Kernel
import Testing

@testable import Identity

@Suite("codes that count once and not for long")
struct TimeCodeTests {
    @Test(
        "the vectors of RFC 6238, appendix B, at six digits",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)]
    )
    func vectors(seconds: Int64, code: String) {
        let moment = Instant(milliseconds: seconds * 1_000)
        #expect(TimeCode.code(Array("12345678901234567890".utf8), step: TimeCode.step(at: moment)) == code)
    }

    @Test("a secret as authenticators read it: the vectors of RFC 4648 without padding")
    func base32() {
        for (plain, text) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(TimeCode.base32(Array(plain.utf8)) == text)
        }
    }

    @Test("a clock may be off by the drift and no more")
    func drift() {
        let secret = Array("12345678901234567890".utf8)
        let now = Instant(milliseconds: 1_234_567_890_000)
        let step = TimeCode.step(at: now)
        for away in Int64(-3)...3 {
            let code = TimeCode.code(secret, step: step + away)
            let found = TimeCode.step(of: code, secret, at: now, drift: 1)
            #expect(found == (abs(away) <= 1 ? step + away : nil), "\(away) steps away")
        }
    }
}
