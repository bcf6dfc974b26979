// Runs before the first paint, so that a page in the dark theme does not flash white.
(function () {
  var root = document.documentElement
  try {
    var theme = localStorage.getItem('berth.theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    var language = localStorage.getItem('berth.language') || navigator.language || 'en'
    root.lang = /^zh/i.test(language) ? 'zh-CN' : 'en'
  } catch (e) {
    // Storage can be forbidden: then the system's theme stands.
  }
})()
