internal import Cryptography
public import Kernel

/// A paper as it was filed: its text never changes; a later version supersedes it.
public struct Paper: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable, Codable { case filed, superseded }

    public let id: ID<Paper>
    /// The template's name, `registration-notice`.
    public let kind: String
    /// The date from which the template's wording holds.
    public let wording: LocalDate
    public let caseID: String
    /// Who issues it: an agency's identifier, or empty for papers of the founders.
    public let agency: String
    /// The document number as printed, 文号; nil for papers without one.
    public let number: String?
    public let titleZh: String
    public let titleEn: String
    /// The body with its line marks, as `PaperText` reads it.
    let marked: String
    /// 1, and one more for each version that supersedes another.
    public let version: Int64
    public let supersedes: ID<Paper>?
    public let state: State
    /// SM3 of `canonicalBytes`.
    public let digest: [UInt8]
    public let filedAt: Instant
    /// Who sealed or signed it and how; nil until then.
    public let seal: JSON?

    /// The text that is read, signed and hashed: UTF-8, lines end with LF.
    public var text: String {
        PaperText(marked).canonical(title: titleZh, number: number)
    }

    public var canonicalBytes: [UInt8] { Array(text.utf8) }

    /// Plain semantic HTML of the same text, escaped.
    public var html: String { PaperText(marked).html(title: titleZh, number: number) }
}

/// A paper that is ready but not filed: it has no number yet.
public struct RenderedDocument: Hashable, Sendable {
    public let kind: String
    public let wording: LocalDate
    public let titleZh: String
    public let titleEn: String
    /// `（{agency}）登字〔{year}〕第{serial}号`, or nil.
    let numberPattern: String?
    /// Papers of one series are numbered together.
    let series: String?
    /// What stands for the agency in the number.
    let agencyWord: String
    let marked: String

    /// The text as it will read; a paper with a number shows `〔待编号〕` in its place.
    public var text: String {
        PaperText(marked).canonical(title: titleZh, number: numberPattern == nil ? nil : "〔待编号〕")
    }

    /// SM3 of the text when the paper has no number, so that people can sign it before it is filed.
    public var digest: [UInt8] { SM3.digest(Array(text.utf8)) }

    public var html: String {
        PaperText(marked).html(title: titleZh, number: numberPattern == nil ? nil : "〔待编号〕")
    }
}

/// That a paper reached somebody (送达).
public struct PaperService: Hashable, Sendable {
    public enum Channel: String, Sendable, CaseIterable, Codable {
        /// Into the recipient's box on the platform: served on the day it arrives there (Civil Procedure Law, 90).
        case electronic
        case counter, post
        /// Nobody can be reached.
        case publication
    }

    public let id: ID<PaperService>
    public let paper: ID<Paper>
    /// The account, or the name of the list for a publication.
    public let recipient: String
    public let channel: Channel
    /// Which consent; empty where none is needed.
    public let consent: String
    public let servedAt: Instant
    /// The log entry that proves it, or the tracking number.
    public let proof: String
    public let readAt: Instant?
}
