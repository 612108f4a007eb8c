import Cases
import Charges
import FaceSupport
import Forms
import Identity
import Kernel
import Server
import Storage

extension Things {
    /// A bill that is owed, money that fits nothing, and a refund that waits for a second person.
    static func money(_ town: FaceTown, of subject: Case, owner: String) async throws -> [String: String] {
        let (payer, occasion) = (
            try await town.session(owner).principal.actor.id, try await town.occasion(of: "registrar")
        )
        return try await town.platform.database.write { tx in
            func bill(_ number: String) throws -> Bill {
                guard
                    let line = BillLine(
                        code: "fee",
                        name: Words(zh: "公证费", en: "Fee"),
                        law: Words(zh: "收费目录", en: "List"),
                        amount: Money(fen: 8_000)
                    )
                else { throw ChargeError.nothingDue }
                return try Bills.raise(
                    Bills.Order(
                        number: number,
                        object: subject.object,
                        caseNumber: subject.number,
                        payer: payer,
                        payee: Payee(
                            code: subject.agency,
                            name: "昆区公证处",
                            agency: town.platform.settings.authority
                        ),
                        region: "150203",
                        lines: [line],
                        dueAt: nil
                    ),
                    occasion: occasion,
                    in: tx
                )
            }
            func paid(_ transaction: String, on number: String) throws {
                try Payments.take(
                    Payment(
                        provider: "payment",
                        transaction: transaction,
                        number: number,
                        amount: Money(fen: 8_000),
                        at: occasion.now
                    ),
                    occasion: occasion,
                    in: tx
                )
            }
            let (owed, settled) = (try bill("F-1"), try bill("F-2"))
            try paid("T1", on: settled.number)
            try paid("T2", on: settled.number)
            let refund = try Refunds.ask(settled.id, reason: "不予办理", occasion: occasion, in: tx)
            let difference = try Differences.open(
                within: CashReach(agency: "", from: "150203", below: "150204"),
                limit: 1,
                in: tx
            ).first
            guard let difference else { throw ChargeError.unknownDifference }
            return [
                "{bill}": owed.number, "{difference}": difference.id.rawValue, "{refund}": refund.id.rawValue,
            ]
        }
    }
}
