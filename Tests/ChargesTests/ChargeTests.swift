import Audit
import Charges
import Forms
import Jobs
import Kernel
import Storage
import TestSupport
import Testing

let chargeMigrations = AuditMigrations.all + JobsMigrations.all + ChargeMigrations.all
let start = Instant(LocalDate(dayNumber: 20_500), hour: 10)

func occasion(_ minutes: Int64 = 0, by actor: String = "staff-1") -> Occasion {
    Occasion(
        now: start + minutes * 60_000,
        actor: Actor(.staff, id: actor, role: "cashier"),
        request: "r\(minutes)"
    )
}

func fee(_ fen: Int64, reduced: Int64 = 0) throws -> BillLine {
    try #require(
        BillLine(
            code: "fee",
            name: Words(zh: "公证费", en: "Notarial fee"),
            law: Words(zh: "收费目录", en: "List of charges"),
            amount: Money(fen: fen),
            reduction: Money(fen: reduced),
            reducedFor: reduced > 0 ? Words(zh: "特困人员", en: "Hardship") : nil
        )
    )
}

func raise(_ lines: [BillLine], number: String = "N-1", in database: any Database) async throws
    -> Bill
{
    try await database.write { tx in
        try Bills.raise(
            Bills.Order(
                number: number,
                object: "case:\(number)",
                caseNumber: number,
                payer: "p1",
                payee: Payee(code: "150203-notary", name: "昆区公证处", agency: "notary"),
                region: "150203",
                lines: lines,
                dueAt: nil
            ),
            occasion: occasion(),
            in: tx
        )
    }
}

func paid(
    _ fen: Int64,
    _ transaction: String = "T1",
    on number: String = "N-1",
    direction: Payment.Direction = .taken,
    minutes: Int64 = 5
) -> Payment {
    Payment(
        provider: "payment",
        transaction: transaction,
        direction: direction,
        number: number,
        amount: Money(fen: fen),
        at: start + minutes * 60_000
    )
}

func take(_ payment: Payment, in database: any Database) async throws -> Intake {
    try await database.write { try Payments.take(payment, occasion: occasion(6), in: $0) }
}

func balance(_ account: LedgerAccount, in database: any Database) async throws -> Int64 {
    try await database.read { reader in
        try Ledger.trialBalance(in: reader).first { $0.account == account.code }?.balance.fen ?? 0
    }
}

/// Whatever happened: every movement has two sides, each bill's accounts say what its state says, and all accounts together
/// are nothing.
func expectBalanced(_ database: any Database) async throws {
    #expect(try await odd(database) == [])
    let accounts = try await database.read { try Ledger.trialBalance(in: $0) }
    #expect(accounts.reduce(0) { $0 + $1.balance.fen } == 0)
}

/// What the check of the database finds.
func odd(_ database: any Database) async throws -> [String] {
    try await database.read { reader in
        try ChargeRecounts.all.flatMap { recount in
            try recount.count(max: 9, in: reader).wrong.map { "\(recount.name) \($0)" }
        }
    }
}

let desk = CashReach(agency: "notary", from: "150200", below: "150300")

let receivable = LedgerAccount.receivable(payee: "150203-notary")
let income = LedgerAccount.income(payee: "150203-notary")
let clearing = LedgerAccount.clearing(provider: "payment")
let suspense = LedgerAccount.suspense(provider: "payment")

@Suite("charges")
struct ChargeTests {
    @Test("a bill is raised, paid once however often it is told, and settles its matter")
    func paidOnce() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000), try fee(4_000, reduced: 1_000)], in: database)
            #expect(bill.total == Money(fen: 11_000) && bill.state == .due)
            #expect(try await balance(receivable, in: database) == 11_000)
            #expect(try await take(paid(11_000), in: database) == .paid(bill.id))
            #expect(try await take(paid(11_000), in: database) == .known)
            let kept = try await database.read { try Bills.of("case:N-1", in: $0) }
            #expect(kept.map(\.state) == [.paid] && kept.first?.lines == bill.lines)
            #expect(try await balance(receivable, in: database) == 0)
            #expect(try await balance(clearing, in: database) == 11_000)
            #expect(try await balance(income, in: database) == -11_000)
            try await expectBalanced(database)
        }
    }

    @Test("what is reduced to nothing is settled at once, and a matter without charges has no bill")
    func nothing() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000, reduced: 8_000)], in: database)
            #expect(bill.state == .paid)
            await #expect(throws: ChargeError.nothingDue) {
                _ = try await raise([], number: "N-2", in: database)
            }
            await #expect(throws: ChargeError.nothingDue) {
                _ = try await database.write {
                    try Refunds.ask(bill.id, reason: "退费", occasion: occasion(7), in: $0)
                }
            }
            #expect(
                BillLine(
                    code: "c",
                    name: Words(zh: "n", en: "n"),
                    law: Words(zh: "l", en: "l"),
                    amount: Money(fen: 1),
                    paidBefore: Money(fen: 2)
                ) == nil
            )
            try await expectBalanced(database)
        }
    }

    @Test(
        "money that fits no bill is kept aside, told to a person, and goes back by two",
        arguments: [
            ("N-9", Int64(8_000), Difference.Kind.unknownBill), ("N-1", 7_999, .amount),
            ("N-1", 8_001, .amount),
        ]
    )
    func aside(number: String, fen: Int64, kind: Difference.Kind) async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000)], in: database)
            #expect(try await take(paid(fen, on: number), in: database) == .aside(kind))
            #expect(try await balance(suspense, in: database) == -fen)
            let kept = try await database.read { try Bills.find(number: bill.number, in: $0) }
            #expect(kept?.state == .due)
            let open = try await database.read {
                try Differences.open(within: desk, limit: 10, in: $0)
            }
            #expect(open.map(\.kind) == [kind])
            let id = try #require(open.first?.id)
            let refund = try await database.write {
                try Differences.close(id, giveBack: true, reason: "退回付款人", occasion: occasion(8), in: $0)
            }
            let asked = try #require(refund)
            await #expect(throws: ChargeError.fourEyes) {
                _ = try await database.write { try Refunds.release(asked.id, occasion: occasion(9), in: $0) }
            }
            _ = try await database.write {
                try Refunds.release(asked.id, occasion: occasion(9, by: "staff-2"), in: $0)
            }
            try await database.write {
                try Refunds.given(
                    asked.id,
                    by: paid(fen, "T1-R", on: number, direction: .given),
                    occasion: occasion(10),
                    in: $0
                )
            }
            #expect(try await balance(suspense, in: database) == 0)
            #expect(try await balance(clearing, in: database) == 0)
            try await expectBalanced(database)
            // The bill itself is still owed.
            #expect(try await take(paid(8_000, "T2"), in: database) == .paid(bill.id))
        }
    }

    @Test("paid twice, and paid after the bill was taken back: the money lies aside")
    func twice() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let first = try await raise([try fee(8_000)], in: database)
            #expect(try await take(paid(8_000), in: database) == .paid(first.id))
            #expect(try await take(paid(8_000, "T2"), in: database) == .aside(.twice))
            let second = try await raise([try fee(500)], number: "N-2", in: database)
            _ = try await database.write {
                try Bills.cancel(second.id, reason: "撤回申请", occasion: occasion(3), in: $0)
            }
            #expect(try await take(paid(500, "T3", on: "N-2"), in: database) == .aside(.cancelled))
            #expect(try await take(paid(400, "T3", on: "N-2"), in: database) == .aside(.changed))
            #expect(try await balance(suspense, in: database) == -8_500)
            try await expectBalanced(database)
        }
    }

    @Test(
        "a paid bill goes back by two people, once; what could not be given back is owed and asked for again"
    )
    func refund() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000)], in: database)
            _ = try await take(paid(8_000), in: database)
            let first = try await database.write {
                try Refunds.ask(bill.id, reason: "不予办理", occasion: occasion(7), in: $0)
            }
            await #expect(throws: ChargeError.notAllowed(event: .askRefund, state: .refunding)) {
                _ = try await database.write {
                    try Refunds.ask(bill.id, reason: "不予办理", occasion: occasion(8), in: $0)
                }
            }
            _ = try await database.write {
                try Refunds.release(first.id, occasion: occasion(9, by: "staff-2"), in: $0)
            }
            try await database.write {
                try Refunds.failed(first.id, reason: "账户已注销", occasion: occasion(10), in: $0)
            }
            let stands = try await database.read { try Bills.find(number: "N-1", in: $0) }
            #expect(stands?.state == .refunding)
            #expect(try await balance(.refunds(payee: "150203-notary"), in: database) == -8_000)
            func failed() async throws -> [ID<Refund>] {
                try await database.read {
                    try Refunds.failed(within: desk, limit: 9, in: $0).map(\.id)
                }
            }
            #expect(try await failed() == [first.id])
            let again = try await database.write {
                try Refunds.askAgain(first.id, reason: "换账户", occasion: occasion(11), in: $0)
            }
            #expect(try await failed() == [])
            await #expect(throws: ChargeError.stale) {
                _ = try await database.write {
                    try Refunds.askAgain(first.id, reason: "再次", occasion: occasion(11), in: $0)
                }
            }
            _ = try await database.write {
                try Refunds.release(again.id, occasion: occasion(12, by: "staff-2"), in: $0)
            }
            for _ in 0..<2 {
                try await database.write {
                    try Refunds.given(
                        again.id,
                        by: paid(8_000, "R", direction: .given),
                        occasion: occasion(13),
                        in: $0
                    )
                }
            }
            let back = try await database.read { try Bills.find(number: "N-1", in: $0) }
            #expect(back?.state == .refunded)
            for account in [receivable, income, clearing, suspense, .refunds(payee: "150203-notary")] {
                #expect(try await balance(account, in: database) == 0, "\(account.code)")
            }
            try await expectBalanced(database)
        }
    }

    @Test("what went out is booked whatever was asked for, also when only the statement told it first")
    func wentOut() async throws {
        try await forEachEngine(chargeMigrations) { database in
            let bill = try await raise([try fee(8_000)], in: database)
            _ = try await take(paid(8_000), in: database)
            let refund = try await database.write {
                try Refunds.ask(bill.id, reason: "不予办理", occasion: occasion(7), in: $0)
            }
            _ = try await database.write {
                try Refunds.release(refund.id, occasion: occasion(9, by: "staff-2"), in: $0)
            }
            let out = paid(7_900, "R", direction: .given)
            try await database.write {
                try Reconciliation.compare(
                    start.date,
                    provider: "payment",
                    statement: [paid(8_000), out],
                    occasion: occasion(1_440),
                    in: $0
                )
            }
            #expect(try await balance(clearing, in: database) == 100)
            try await database.write {
                try Refunds.given(refund.id, by: out, occasion: occasion(1_450), in: $0)
            }
            #expect(try await balance(clearing, in: database) == 100)
            #expect(try await balance(suspense, in: database) == 0)
            // A hundred fen are still owed to the payer, and a person is told.
            #expect(try await balance(.refunds(payee: "150203-notary"), in: database) == -100)
            let open = try await database.read {
                try Differences.open(within: desk, limit: 10, in: $0)
            }
            #expect(Set(open.map(\.kind)) == [.late, .amount])
            try await expectBalanced(database)
        }
    }

    @Test("a day agrees with the statement, or each difference is a line of its own and told once")
    func reconciliation() async throws {
        try await forEachEngine(chargeMigrations) { database in
            for number in ["N-1", "N-2", "N-3"] {
                _ = try await raise([try fee(8_000)], number: number, in: database)
            }
            _ = try await take(paid(8_000, "T1"), in: database)
            _ = try await take(paid(8_000, "T2", on: "N-2"), in: database)
            func compare(_ statement: [Payment]) async throws -> ComparedDay {
                try await database.write {
                    try Reconciliation.compare(
                        start.date,
                        provider: "payment",
                        statement: statement,
                        occasion: occasion(1_440),
                        in: $0
                    )
                }
            }
            let same = [paid(8_000, "T1"), paid(8_000, "T2", on: "N-2")]
            #expect(try await compare(same).agrees)
            // T2 is missing there, T3 here, and T1 has another amount.
            let other = [paid(8_100, "T1"), paid(8_000, "T3", on: "N-3")]
            for _ in 0..<2 {
                let day = try await compare(other)
                #expect(!day.agrees)
            }
            let open = try await database.read {
                try Differences.open(within: desk, limit: 10, in: $0)
            }
            #expect(Set(open.map(\.kind)) == [.changed, .late, .notOnStatement] && open.count == 3)
            let third = try await database.read { try Bills.find(number: "N-3", in: $0) }
            #expect(third?.state == .paid)
            try await expectBalanced(database)
        }
    }
}
