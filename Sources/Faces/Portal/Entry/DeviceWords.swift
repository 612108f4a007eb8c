import Web

/// A device as its owner knows it: the browser and what it runs on, out of what the browser says of itself.
enum DeviceWords {
    /// In this order: most browsers also name others that they resemble.
    private static let browsers: [(mark: String, name: String)] = [
        ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("AlipayClient", "Alipay"),
        ("QQBrowser", "QQ Browser"),
        ("UCBrowser", "UC Browser"), ("HuaweiBrowser", "Huawei Browser"), ("MiuiBrowser", "Mi Browser"),
        ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
        ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
    ]

    private static let systems: [(mark: String, name: String)] = [
        ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("iPhone", "iPhone"), ("iPad", "iPad"),
        ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
    ]

    static func text(_ device: String, _ visit: Visit) -> String {
        func first(_ names: [(mark: String, name: String)]) -> String? {
            names.first { device.contains($0.mark) }.map { found in
                // Some browsers go by another name at home.
                visit.has("portal.device.\(found.name)")
                    ? visit.text("portal.device.\(found.name)") : found.name
            }
        }
        let known = [first(browsers), first(systems)].compactMap { $0 }
        return known.isEmpty
            ? visit.text("portal.account.unknown-device")
            : known.joined(separator: visit.text("portal.account.device-joint"))
    }
}
