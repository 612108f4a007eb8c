import Charges
import Kernel
import Storage
import TestSupport
import Testing

/// Money that goes back in parts, twice, or at another desk.
@Suite("refunds")
struct RefundTests {
    private func given(
        _ refund: Refund,
        _ transaction: String,
        _ fen: Int64,
        at minutes: Int64,
        in database: any Database
    ) async throws {
        try await database.write {
            try Refunds.given(
                refund.id,
                by: paid(fen, transaction, direction: .given, minutes: minutes),
                occasion: occasion(minutes),
                in: $0
            )
        }
    }

    private func released(_ refund: Refund, at minutes: Int64, in database: any Database) async throws {
        _ = try await database.write {
            try Refunds.release(refund.id, occasion: occasion(minutes, by: "staff-2"), in: $0)
        }
    }

    @Test("what turned out to be too much goes back by two people, and the rest once the matter ends")
    func surplus() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(10_000)], in: database)
            _ = try await take(paid(10_000), in: database)
            await #expect(throws: ChargeError.nothingDue) {
                _ = try await database.write {
                    try Refunds.askSurplus(
                        Money(fen: 10_001),
                        of: bill.id,
                        reason: "less-owed",
                        occasion: occasion(7),
                        in: $0
                    )
                }
            }
            func surplus(_ fen: Int64, at minutes: Int64) async throws -> Refund {
                try await database.write {
                    try Refunds.askSurplus(
                        Money(fen: fen),
                        of: bill.id,
                        reason: "less-owed",
                        occasion: occasion(minutes),
                        in: $0
                    )
                }
            }
            let first = try await surplus(3_000, at: 8)
            let second = try await surplus(1_000, at: 9)
            await #expect(throws: ChargeError.fourEyes) {
                _ = try await database.write { try Refunds.release(first.id, occasion: occasion(9), in: $0) }
            }
            try await released(first, at: 10, in: database)
            try await given(first, "R-1", 3_000, at: 11, in: database)
            #expect(try await balance(clearing, in: database) == 7_000)
            let kept = try await database.read { try Refunds.kept(bill.id, in: $0) }
            #expect(kept == Money(fen: 6_000))
            let stands = try await database.read { try Bills.find(number: "N-1", in: $0) }
            #expect(stands?.state == .paid)
            try await expectBalanced(database)
            // The matter ends while the second part is not through: each goes its own way.
            let rest = try await database.write {
                try Refunds.ask(bill.id, reason: "withdraw", occasion: occasion(12), in: $0)
            }
            #expect(rest.amount == Money(fen: 6_000))
            for (refund, number, fen) in [(second, "R-2", Int64(1_000)), (rest, "R-3", 6_000)] {
                let before = try await database.read { try Bills.find(number: "N-1", in: $0) }
                #expect(before?.state == .refunding)
                try await released(refund, at: 13, in: database)
                try await given(refund, number, fen, at: 14, in: database)
                try await expectBalanced(database)
            }
            let back = try await database.read { try Bills.find(number: "N-1", in: $0) }
            #expect(back?.state == .refunded)
            for account in [receivable, income, clearing, suspense, .refunds(payee: "150203-notary")] {
                #expect(try await balance(account, in: database) == 0, "\(account.code)")
            }
        }
    }

    @Test(
        "told done after it was told failed: a difference, whether it was asked for anew or released again",
        arguments: [false, true]
    )
    func afterAll(isReleased: Bool) async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000)], in: database)
            _ = try await take(paid(8_000), in: database)
            let first = try await database.write {
                try Refunds.ask(bill.id, reason: "refuse", occasion: occasion(7), in: $0)
            }
            try await released(first, at: 8, in: database)
            let again = try await database.write { tx in
                try Refunds.failed(first.id, reason: "account-closed", occasion: occasion(9), in: tx)
                return try Refunds.askAgain(first.id, reason: "换账户", occasion: occasion(10), in: tx)
            }
            if isReleased { try await released(again, at: 11, in: database) }
            for _ in 0..<2 { try await given(first, "R-1", 8_000, at: 12, in: database) }
            let open = try await database.read { try Differences.open(within: desk, limit: 9, in: $0) }
            #expect(open.map(\.kind) == [.givenAfterAll])
            try await expectBalanced(database)
            if isReleased {
                // The second one goes out as well: what went out twice lies open until a person settles it.
                try await given(again, "R-2", 8_000, at: 13, in: database)
                #expect(try await balance(suspense, in: database) == 8_000)
                #expect(try await balance(clearing, in: database) == -8_000)
            } else {
                await #expect(throws: ChargeError.stale) {
                    try await released(again, at: 13, in: database)
                }
                #expect(try await balance(clearing, in: database) == 0)
            }
            let back = try await database.read { try Bills.find(number: "N-1", in: $0) }
            #expect(back?.state == .refunded)
            #expect(try await balance(.refunds(payee: "150203-notary"), in: database) == 0)
            try await expectBalanced(database)
        }
    }

    @Test("a desk sees and settles the bills of its own agency, and money that fits no bill")
    func desks() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000)], in: database)
            for (number, on) in [("T1", "N-1"), ("T2", "N-1"), ("T3", "N-9")] {
                _ = try await take(paid(8_000, number, on: on), in: database)
            }
            let refund = try await database.write {
                try Refunds.ask(bill.id, reason: "refuse", occasion: occasion(7), in: $0)
            }
            let strangers = [
                CashReach(agency: "school", from: "150200", below: "150300"),
                CashReach(agency: "notary", from: "150300", below: "150400"),
            ]
            for (reach, kinds) in [(desk, [Difference.Kind.twice, .unknownBill])]
                + strangers.map({ ($0, [.unknownBill]) })
            {
                let open = try await database.read { try Differences.open(within: reach, limit: 9, in: $0) }
                #expect(Set(open.map(\.kind)) == Set(kinds) && open.count == kinds.count)
                let isOwn = kinds.count == 2
                let (waiting, found) = try await database.read { reader in
                    (
                        try Refunds.waiting(within: reach, limit: 9, in: reader).map(\.id),
                        try Refunds.find(refund.id, within: reach, in: reader)?.id
                    )
                }
                #expect(waiting == (isOwn ? [refund.id] : []) && found == (isOwn ? refund.id : nil))
            }
            let all = try await database.read { try Differences.open(within: desk, limit: 9, in: $0) }
            let twice = try #require(all.first { $0.kind == .twice })
            for stranger in strangers {
                let found = try await database.read {
                    try Differences.find(twice.id, within: stranger, in: $0)
                }
                #expect(found == nil)
            }
        }
    }

    @Test(
        "the check of the database tells a movement with one side, and a bill whose accounts say something else"
    )
    func recounts() async throws {
        try await forEachEngine(chargeMigrations) { database in
            _ = try await raise([try fee(8_000)], in: database)
            _ = try await take(paid(8_000), in: database)
            #expect(try await odd(database) == [])
            try await database.write { tx in
                try tx.send("UPDATE charge_bill SET state = 'due' WHERE number = 'N-1'")
            }
            #expect(try await odd(database) == ["charge.bills N-1"])
            try await database.write { tx in
                try tx.send("UPDATE charge_bill SET state = 'paid' WHERE number = 'N-1'")
                try tx.send("UPDATE charge_entry SET fen = fen - 1 WHERE account LIKE 'clearing/%'")
            }
            let wrong = try await odd(database)
            #expect(wrong.count == 1 && wrong.first?.hasPrefix("charge.entries ") == true, "\(wrong)")
        }
    }
}
