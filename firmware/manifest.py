"""What a frozen image holds: all of it, the loader too; slots on the flash still come first."""

package("mynah_boot", base_path="lib")
package("mynah_wire", base_path="lib")
package("mynah_device", base_path="lib")
package("mynah_parts", base_path="lib")
package("boards")
module("app.py")
module("main.py")
