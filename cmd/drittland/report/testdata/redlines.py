"""Opens Word files in LibreOffice, accepts or rejects all tracked changes, and prints what is left as JSON.

Usage: redlines.py PORT FILE…   (LibreOffice listens on PORT of this machine)
Each line: {"file", "accepted": [[style, text]…], "rejected": […], "redlines": n, "comments": n,
 "accepted_links": [[words, address]…], "rejected_links": […]}
"""
import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def connect(port):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            return resolver.resolve("uno:socket,host=127.0.0.1,port=%s;urp;StarOffice.ComponentContext" % port)
        except NoConnectException:
            time.sleep(0.25)
    sys.exit("LibreOffice does not answer")


def value(name, v):
    p = PropertyValue()
    p.Name, p.Value = name, v
    return p


def paragraphs(text):
    out = []
    each = text.createEnumeration()
    while each.hasMoreElements():
        p = each.nextElement()
        if p.supportsService("com.sun.star.text.TextTable"):
            for name in p.CellNames:
                out += paragraphs(p.getCellByName(name))
            continue
        if not p.supportsService("com.sun.star.text.Paragraph"):
            continue
        if not p.ParaStyleName.startswith("Front"):
            words = "".join(q.String for q in portions(p) if q.TextPortionType == "Text")
            out.append([p.ParaStyleName, words])
    return out


def links(text):
    out = []
    each = text.createEnumeration()
    while each.hasMoreElements():
        p = each.nextElement()
        if p.supportsService("com.sun.star.text.Paragraph") and not p.ParaStyleName.startswith("Front"):
            out += [[q.String, q.HyperLinkURL] for q in portions(p) if q.TextPortionType == "Text" and q.HyperLinkURL]
    return out


def portions(p):
    each = p.createEnumeration()
    while each.hasMoreElements():
        yield each.nextElement()


def count(each):
    n = 0
    while each.hasMoreElements():
        each.nextElement()
        n += 1
    return n


context = connect(sys.argv[1])
manager = context.ServiceManager
desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
dispatcher = manager.createInstanceWithContext("com.sun.star.frame.DispatchHelper", context)
for name in sys.argv[2:]:
    said = {"file": name}
    for verb in "Accept", "Reject":
        doc = desktop.loadComponentFromURL(uno.systemPathToFileUrl(name), "_blank", 0, (value("Hidden", True),))
        said["redlines"] = count(doc.Redlines.createEnumeration())
        fields = doc.TextFields.createEnumeration()
        said["comments"] = 0
        while fields.hasMoreElements():
            said["comments"] += fields.nextElement().supportsService("com.sun.star.text.textfield.Annotation")
        dispatcher.executeDispatch(doc.CurrentController.Frame, ".uno:%sAllTrackedChanges" % verb, "", 0, ())
        if count(doc.Redlines.createEnumeration()):
            sys.exit("%s: tracked changes are left" % name)
        said[verb.lower() + "ed"] = paragraphs(doc.Text)
        said[verb.lower() + "ed_links"] = links(doc.Text)
        doc.close(True)
    print(json.dumps(said), flush=True)
try:
    desktop.terminate()
except Exception:  # it closes the connection as it ends
    pass
