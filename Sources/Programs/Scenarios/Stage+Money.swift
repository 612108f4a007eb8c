import Cases
import Charges
import Kernel
import Server
import Storage

/// Bills, payments and what the ledger says of them.
extension Stage {
    func pay(_ person: String) async throws {
        let id = try caseID(of: person)
        let bills = try await platform.database.read { try Bills.of("case:\(id)", in: $0) }
        guard let bill = bills.first(where: { $0.state == .due }) else {
            throw StepFailure("\(person) owes nothing")
        }
        try await platform.payments.pay(bill.number, occasion: occasion(actor(person)))
    }

    private static let everyDesk = CashReach(agency: "", from: "", below: "~")

    func releaseRefund(_ name: String) async throws {
        guard let actor = cast.staff[name] else {
            throw StepFailure("\(name) is not among the staff of cast.yaml")
        }
        let waiting = try await platform.database.read {
            try Refunds.waiting(within: Self.everyDesk, limit: 1, in: $0)
        }
        guard let refund = waiting.first else { throw StepFailure("no refund waits") }
        try await platform.payments.release(refund.id, occasion: occasion(actor))
    }

    func checkMoney(_ expected: Expectation) async throws -> [String] {
        var wrong: [String] = []
        if let wanted = expected.bills {
            let id = try current(expected.of)
            let found = try await platform.database.read { try Bills.of("case:\(id)", in: $0) }
            let states = found.map(\.state.rawValue)
            if states != wanted { wrong.append("bills: expected \(wanted), found \(states)") }
        }
        if let wanted = expected.differences {
            let open = try await platform.database.read {
                try Differences.open(within: Self.everyDesk, limit: 100, in: $0)
            }
            let found = Self.list(open.map(\.kind.rawValue).sorted())
            if found != Self.list(wanted.sorted()) {
                wrong.append("differences: expected \(Self.list(wanted)), found \(found)")
            }
        }
        guard !expected.ledger.isEmpty else { return wrong }
        let balances = try await platform.database.read { try Ledger.trialBalance(in: $0) }
        if balances.reduce(0, { $0 + $1.balance.fen }) != 0 {
            wrong.append("the ledger does not sum to nothing")
        }
        for (account, fen) in expected.ledger.sorted(by: { $0.key < $1.key }) {
            let found = balances.first { $0.account == account }?.balance.fen ?? 0
            if String(found) != fen { wrong.append("ledger \(account): expected \(fen), found \(found)") }
        }
        return wrong
    }
}
