import CompanyOpening
import Kernel
import Web

/// Acts that reach the public or change rights at one stroke: they are confirmed, and where no decision says why they
/// were done, a reason is asked and kept in the matter's file.
enum CorrectionCare {
    static let reasoned: Set<String> = ["extend", "publish", "suspend", "resume"]
    private static let confirmed: Set<String> = reasoned.union([
        "accept", "withdraw", "withdraw-item", "keep", "restore", "take-back",
    ])

    /// The field of the reason; the frame reads it as the purpose of the whole occasion, so that the log keeps it.
    static let reasonField = "_purpose"
    /// Where an act's form says why, so that the log keeps it; without words of its own it is why the matter was begun.
    static func purposeField(of act: String) -> String { reasoned.contains(act) ? reasonField : "reason" }

    static let reasonCharactersMax = 2_000

    static func boxes(of act: String, _ visit: Visit) -> [ActView.Box] {
        (reasoned.contains(act)
            ? [ActView.Box(reasonField, visit.text("workbench.box.reason"), of: act)] : [])
            + (confirmed.contains(act) ? [ActView.confirmation(of: act, visit)] : [])
    }

    /// - Throws: `CorrectionError.reasonMissing`, or `WebRefusal.badField` when the act was not confirmed.
    static func check(_ act: String, _ visit: Visit) throws {
        if reasoned.contains(act) {
            let why = visit.occasion.purpose ?? ""
            guard why.contains(where: { !$0.isWhitespace }), why.count <= reasonCharactersMax else {
                throw CorrectionError.reasonMissing
            }
        }
        if confirmed.contains(act) { try ActView.requireConfirmation(visit) }
    }
}
