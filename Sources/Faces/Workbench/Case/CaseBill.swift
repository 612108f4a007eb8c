import Cases
import Catalogue
import Charges
import Kernel
import Storage
import Web

/// What a case costs and whether that is paid, for those who decide it: nothing is granted before.
struct CaseBill {
    let words: String
    let badge: BadgeView?

    /// Of several, such as after a case was handed in again, the one that is owed, else the last.
    init(_ found: Case, _ definition: CaseDefinition, _ visit: Visit, in reader: any Reader) throws {
        let bills = definition.item.charges.isEmpty ? [] : try Bills.of(found.object, in: reader)
        guard let bill = bills.first(where: { $0.state == .due }) ?? bills.last else {
            words = definition.item.charges.isEmpty ? visit.text("workbench.bill.none") : visit.dash(nil)
            badge = nil
            return
        }
        words = visit.text("bill.yuan", ["amount": bill.total.yuanText])
        badge = BadgeView(visit.text("bill-state.\(bill.state.rawValue)"), bill.state == .due ? .warn : .good)
    }
}
