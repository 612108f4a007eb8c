public import Catalogue
public import Kernel

/// What can be refused about a case.
public enum CaseError: Refusal, Equatable {
    case notFound
    case notAllowed(event: CaseEvent, in: CaseState)
    case notInProcedure(event: CaseEvent, procedure: ProcedureProfile)
    /// Somebody else changed it meanwhile: what and when.
    case changedMeanwhile(act: String, at: Instant)
    case notYours
    case incomplete(fields: Int)
    case reasonMissing
    case reasonTooLong(max: Int)
    case tooManyPoints(max: Int)
    case unknownItem(String)
    case unknownStep(String)
    case moduleRefused(code: String, arguments: [String: String], status: RefusalStatus)
    case linkUnknown
    case linkExpired
    /// A later link was sent to the same signer.
    case linkReplaced
    case alreadySigned
    /// Somebody who is named said that he did not agree.
    case objected
    case notVerified
    /// The check was passed in another browser.
    case otherBrowser
    /// The check was passed too long ago.
    case checkExpired
    /// The papers are not those that were seen.
    case papersChanged
    case signerRoleUnknown
    case draftTooLarge(max: Int)
    case extensionUsed
    case extensionNeedsHead
    case twoPersonsNeeded
    case lookupLocked(minutes: Int)
    case lookupWrong
    /// Number and code are right, but another body has the case.
    case elsewhere(body: String)
    case withdrawTooLate
    /// The step is nobody's or a colleague's: it is claimed before it is decided.
    case notClaimed
    case unknownRegion
    /// Characters that no form can hold, such as U+0000.
    case unreadable
    case tooManyDrafts(max: Int)
    /// The form names a file that was never handed in with this case.
    case fileUnknown
    /// Nobody can sign for this enterprise here.
    case firmUnknown(String)
    case firmEnded(String)
    case representativeDiffers(String)
    case registerSilent(String)
    case tooManyLinks(max: Int)
    /// He may not apply for this enterprise.
    case notForFirm
    /// Nobody was chosen for whom to apply.
    case noFirmChosen
    /// Somebody who must sign has not.
    case unsigned
    /// No signature was handed in for this paper.
    case signatureMissing(String)
    /// A register vouches for the firm: it signs by its link.
    case counterNotNeeded(String)
    /// An original that the law wants seen at the counter was not.
    case proofMissing
    /// Who saw a signature given at the counter does not examine the case.
    case ownCounterRecord
    /// Somebody named objects, and nobody has settled it: the number of the objection.
    case objectionOpen(String)
    /// The rules, asked again at the decision, found what the page had not shown: which rules.
    case newFindings([String])
    /// A refusal over questions that a source has not answered: which rules asked.
    case sourcesUnanswered([String])
    /// A return that lists nothing.
    case pointsMissing
    /// A point of a return without one of its parts.
    case pointIncomplete(number: Int, Told.Point.Part)
    case factsMissing
    case lawMissing
    /// Words that nobody has accepted or struck yet.
    case unsettled(String)
    /// The bill with this number is not paid.
    case unpaid(bill: String)
    /// The applicant, and whoever acts for applicants, takes no objection back.
    case takeBackNotYours
    /// No telephone can prove who objected: it is taken back in person.
    case takeBackAtCounter
    /// The objection is no longer open: the secret did what it was for, or there is nothing left for it to do.
    case takeBackUsed
    /// The document on the counter is not that of the one who objected.
    case objectorDiffers

    public var code: String {
        switch self {
        case .notFound: "case.not-found"
        case .notAllowed: "case.not-allowed-now"
        case .notInProcedure: "case.not-in-procedure"
        case .changedMeanwhile: "case.changed-meanwhile"
        case .notYours: "case.not-yours"
        case .incomplete: "case.incomplete"
        case .reasonMissing: "case.reason-missing"
        case .reasonTooLong: "case.reason-too-long"
        case .tooManyPoints: "case.too-many-points"
        case .unknownItem: "case.unknown-item"
        case .unknownStep: "case.unknown-step"
        case .moduleRefused(let code, _, _): code
        case .linkUnknown: "sign.link-unknown"
        case .linkExpired: "sign.link-expired"
        case .linkReplaced: "sign.link-replaced"
        case .alreadySigned: "sign.already-signed"
        case .objected: "case.objected"
        case .notVerified: "sign.not-verified"
        case .otherBrowser: "sign.other-browser"
        case .checkExpired: "sign.check-expired"
        case .papersChanged: "sign.papers-changed"
        case .signerRoleUnknown: "sign.role-unknown"
        case .draftTooLarge: "case.draft-too-large"
        case .extensionUsed: "case.extension-used"
        case .extensionNeedsHead: "case.extension-needs-head"
        case .twoPersonsNeeded: "case.two-persons-needed"
        case .lookupLocked: "case.lookup-locked"
        case .lookupWrong: "case.lookup-wrong"
        case .elsewhere: "case.elsewhere"
        case .withdrawTooLate: "case.withdraw-too-late"
        case .notClaimed: "case.not-claimed"
        case .unknownRegion: "case.unknown-region"
        case .unreadable: "case.unreadable"
        case .tooManyDrafts: "case.too-many-drafts"
        case .fileUnknown: "case.file-unknown"
        case .firmUnknown: "sign.firm-unknown"
        case .firmEnded: "sign.firm-ended"
        case .representativeDiffers: "sign.representative-differs"
        case .registerSilent: "sign.register-silent"
        case .tooManyLinks: "sign.too-many-links"
        case .notForFirm: "case.not-for-firm"
        case .noFirmChosen: "case.no-firm-chosen"
        case .unsigned: "case.unsigned"
        case .signatureMissing: "sign.signature-missing"
        case .counterNotNeeded: "sign.counter-not-needed"
        case .proofMissing: "sign.proof-missing"
        case .ownCounterRecord: "case.own-counter-record"
        case .objectionOpen: "case.objection-open"
        case .newFindings: "case.new-findings"
        case .sourcesUnanswered: "case.sources-unanswered"
        case .pointsMissing: "case.points-missing"
        case .pointIncomplete(_, let part): "case.point-\(part.rawValue)-missing"
        case .factsMissing: "case.facts-missing"
        case .lawMissing: "case.law-missing"
        case .unsettled: "case.unsettled"
        case .unpaid: "case.unpaid"
        case .takeBackNotYours: "objection.not-yours"
        case .takeBackAtCounter: "objection.at-counter"
        case .takeBackUsed: "objection.used"
        case .objectorDiffers: "objection.objector-differs"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notAllowed(let event, let state): ["event": event.rawValue, "state": state.rawValue]
        case .notInProcedure(let event, let procedure):
            ["event": event.rawValue, "procedure": procedure.rawValue]
        case .changedMeanwhile(let act, let at): ["act": act, "at": at.minuteText]
        case .incomplete(let fields): ["count": String(fields)]
        case .reasonTooLong(let max), .tooManyPoints(let max), .draftTooLarge(let max),
            .tooManyDrafts(let max), .tooManyLinks(let max):
            ["max": String(max)]
        case .firmUnknown(let firm), .firmEnded(let firm), .representativeDiffers(let firm),
            .registerSilent(let firm), .counterNotNeeded(let firm):
            ["firm": firm]
        case .unknownItem(let name), .unknownStep(let name): ["name": name]
        case .elsewhere(let body): ["body": body]
        case .moduleRefused(_, let arguments, _): arguments
        case .unsettled(let words): ["words": String(words.prefix(100))]
        case .lookupLocked(let minutes): ["minutes": String(minutes)]
        case .objectionOpen(let number): ["number": number]
        case .unpaid(let bill): ["bill": bill]
        case .newFindings(let rules), .sourcesUnanswered(let rules):
            ["rules": Set(rules).sorted().joined(separator: "、")]
        case .pointIncomplete(let number, _): ["number": String(number)]
        case .signatureMissing(let paper): ["paper": paper]
        case .notFound, .notYours, .reasonMissing, .pointsMissing, .factsMissing, .lawMissing, .linkUnknown,
            .linkExpired, .linkReplaced, .alreadySigned,
            .objected, .notVerified, .otherBrowser, .checkExpired, .papersChanged,
            .signerRoleUnknown, .extensionUsed, .extensionNeedsHead, .twoPersonsNeeded, .lookupWrong,
            .withdrawTooLate, .notClaimed, .unknownRegion, .unreadable, .proofMissing, .ownCounterRecord,
            .fileUnknown, .takeBackNotYours, .takeBackAtCounter, .takeBackUsed, .objectorDiffers,
            .notForFirm, .noFirmChosen, .unsigned:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notFound, .unknownItem, .unknownStep, .linkUnknown, .lookupWrong, .elsewhere: .notFound
        case .notAllowed, .notInProcedure, .changedMeanwhile, .alreadySigned, .objected, .extensionUsed,
            .withdrawTooLate, .notClaimed, .firmUnknown, .firmEnded, .tooManyDrafts,
            .counterNotNeeded, .takeBackAtCounter, .papersChanged, .objectionOpen, .newFindings, .unpaid,
            .sourcesUnanswered, .noFirmChosen, .unsigned:
            .notAllowedNow
        case .notYours, .notVerified, .otherBrowser, .checkExpired, .extensionNeedsHead, .twoPersonsNeeded,
            .representativeDiffers, .ownCounterRecord, .takeBackNotYours, .objectorDiffers, .notForFirm:
            .forbidden
        case .incomplete, .reasonMissing, .reasonTooLong, .tooManyPoints, .signerRoleUnknown, .unknownRegion,
            .unreadable, .pointsMissing, .pointIncomplete, .factsMissing, .lawMissing,
            .proofMissing, .unsettled, .fileUnknown, .signatureMissing:
            .unacceptable
        case .registerSilent: .unavailable
        case .draftTooLarge: .tooLarge
        case .linkExpired, .linkReplaced, .takeBackUsed: .gone
        case .lookupLocked, .tooManyLinks: .tooMany
        case .moduleRefused(_, _, let status): status
        }
    }
}
