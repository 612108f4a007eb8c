import Foundation

/// What a browser would send of the form of questions on a page.
public enum SentForm {
    public static func pairs(of page: String) -> [(name: String, value: String)] {
        guard let start = page.range(of: "<form class=\"questions\""),
            let end = page.range(of: "</form>", range: start.upperBound..<page.endIndex)
        else { return [] }
        let form = String(page[start.lowerBound..<end.lowerBound])
        var found: [(place: String.Index, name: String, value: String)] = []
        for match in form.matches(of: /<input[^>]*>/) {
            let tag = String(match.output)
            guard let name = attribute("name", of: tag), attribute("type", of: tag) != "file" else {
                continue
            }
            let isBox = ["radio", "checkbox"].contains(attribute("type", of: tag) ?? "")
            if isBox && !tag.contains(" checked") { continue }
            found.append((match.range.lowerBound, name, attribute("value", of: tag) ?? "on"))
        }
        for match in form.matches(of: /<select[^>]*>[\s\S]*?<\/select>/) {
            let text = String(match.output)
            guard let name = attribute("name", of: text) else { continue }
            let chosen = text.firstMatch(of: /<option value="([^"]*)" selected>/).map { String($0.output.1) }
            found.append((match.range.lowerBound, name, plain(chosen ?? "")))
        }
        for match in form.matches(of: /<textarea[^>]*>\n?([^<]*)<\/textarea>/) {
            guard let name = attribute("name", of: String(match.output.0)) else { continue }
            found.append((match.range.lowerBound, name, plain(String(match.output.1))))
        }
        return found.sorted { $0.place < $1.place }.map { ($0.name, $0.value) }
    }

    public static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static func attribute(_ name: String, of tag: String) -> String? {
        guard let start = tag.range(of: " \(name)=\"") else { return nil }
        return plain(String(tag[start.upperBound...].prefix { $0 != "\"" }))
    }

    private static func plain(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }
}
