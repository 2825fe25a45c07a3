//! The words of ShieldGemma 2B's import. One field a string, one static a language: a missing one does not
//! compile.
//!
//! `{name}` marks what [`crate::page::fill::fill`] puts in.

use crate::page::lang::Lang;

/// Every string of the import.
#[derive(Debug)]
pub struct LargeText {
    pub heading: &'static str,
    pub intro: &'static str,
    pub licence: &'static str,
    pub terms: &'static str,
    pub model_page: &'static str,
    pub sizes: &'static str,
    pub devices: &'static str,
    pub device_gpu: &'static str,
    pub device_cpu: &'static str,
    pub device_phone: &'static str,
    pub here_gpu: &'static str,
    pub here_cpu: &'static str,
    pub here_coming: &'static str,
    pub here_small: &'static str,

    pub import: &'static str,
    pub free: &'static str,
    pub free_unknown: &'static str,
    pub from_disk: &'static str,
    pub from_disk_says: &'static str,
    pub pick: &'static str,
    pub from_hub: &'static str,
    pub from_hub_says: &'static str,
    pub token: &'static str,
    pub fetch_hub: &'static str,
    pub from_site: &'static str,
    pub from_site_says: &'static str,
    pub fetch_site: &'static str,

    pub looking: &'static str,
    pub preparing: &'static str,
    pub packing: &'static str,
    pub packing_of: &'static str,
    pub copying: &'static str,
    pub copying_of: &'static str,
    pub checking: &'static str,
    pub checking_of: &'static str,
    pub resumed: &'static str,
    pub over: &'static str,
    pub goes_on_beside: &'static str,
    pub pause: &'static str,
    pub go_on: &'static str,
    pub go_on_how: &'static str,
    pub start_over: &'static str,
    pub look_again: &'static str,

    pub kept: &'static str,
    pub unfinished: &'static str,
    pub in_use: &'static str,
    pub broken: &'static str,
    pub check: &'static str,
    pub delete: &'static str,
    pub really_delete: &'static str,
    pub yes_delete: &'static str,
    pub no_keep: &'static str,

    pub imported: &'static str,
    pub paused: &'static str,
    pub checked: &'static str,
    pub deleted: &'static str,
}

/// The strings of a language.
pub fn large_text(lang: Lang) -> &'static LargeText {
    match lang {
        Lang::En => &EN,
        Lang::Vi => &VI,
    }
}

static EN: LargeText = LargeText {
    heading: "ShieldGemma 2B itself",
    intro: "ShieldGemma 2B is Google's own safety classifier: Gemma 2 with 2.6 billion weights, trained to answer the prompts of this lesson. The small guard has its form, but not its reading. Here you can bring the real one into this browser. It then stands beside the small guard in the instruments of this lesson, all but two: the influence of words and the search for swaps need gradients. What you write still stays on this device.",
    licence: "Its licence, the Gemma Terms of Use, is not ours to give: you have to accept it yourself, on the model's page, with an account of your own. That takes a minute.",
    terms: "Gemma Terms of Use",
    model_page: "The model's page: google/shieldgemma-2b",
    sizes: "5.2 GB are read and packed on the way, most of it to 4 bits a weight. About 1.8 GB stay in this browser until you delete them, and the next visit needs no network for it.",
    devices: "What can hold it:",
    device_gpu: "A computer with WebGPU and about 2 GB of free graphics memory: the fast way. How fast has not been measured yet.",
    device_cpu: "A computer without WebGPU: the processor reads the weights from disk, layer by layer, each time. That works, but takes a minute or more for a verdict.",
    device_phone: "A phone: no. Its browser ends a page that wants so much memory, long before the first verdict.",
    here_gpu: "WebGPU is ready on this device.",
    here_cpu: "WebGPU is not ready on this device: expect a minute or more for a verdict.",
    here_coming: "Whether WebGPU works on this device is being found out.",
    here_small: "This looks like a phone or a device with little memory, which cannot hold it. On a computer the import is offered here.",

    import: "Import",
    free: "By its own word this browser has room for {free}; an import needs about 1.8 GB.",
    free_unknown: "This browser does not say how much room it has; an import needs about 1.8 GB.",
    from_disk: "From files on this computer",
    from_disk_says: "Download these five files from the model's page, then pick all of them at once. They are read where they are, a little at a time.",
    pick: "Pick the files…",
    from_hub: "From the hub, with your access token",
    from_hub_says: "Make an access token that may read gated repositories in your account's settings at huggingface.co. It is sent to huggingface.co alone, is kept in memory until the import is done or the page closed, and is written nowhere.",
    token: "Access token",
    fetch_hub: "Fetch from the hub (5.2 GB)",
    from_site: "From this site",
    from_site_says: "This site has the model, packed already: {size} to fetch. The terms above are for you all the same.",
    fetch_site: "Fetch from this site",

    looking: "Looking at what this browser keeps…",
    preparing: "Looking at the files…",
    packing: "Reading and packing",
    packing_of: "Reading and packing: {done} of {total}",
    copying: "Fetching",
    copying_of: "Fetching: {done} of {total}",
    checking: "Taking checksums",
    checking_of: "Taking checksums: {done} of {total}",
    resumed: "It goes on where it stopped.",
    over: "What was here came from other files or cannot be gone on with: it starts over.",
    goes_on_beside: "You can go on with the lesson meanwhile. Leave this tab open; if it closes all the same, what is done is kept.",
    pause: "Pause",
    go_on: "Continue",
    go_on_how: "To go on, choose where the files come from once more. What is done is not read again.",
    start_over: "Start over with these files",
    look_again: "Look again",

    kept: "{name} is kept in this browser: {size}. Choose it as the guard at the top of the instruments.",
    unfinished: "An import of {name} has stopped at {share}. What is done is kept, also when this tab is closed.",
    in_use: "{name} is being imported just now, in this tab or another one: {share} when this was asked.",
    broken: "Something is left of an import of {name} that cannot be gone on with.",
    check: "Check the files",
    delete: "Delete {name}…",
    really_delete: "Delete what this browser keeps of {name} ({size})? To have it again, it has to be imported again.",
    yes_delete: "Yes, delete it",
    no_keep: "No, keep it",

    imported: "The import is done.",
    paused: "Paused.",
    checked: "All files are as they were written.",
    deleted: "It was deleted.",
};

static VI: LargeText = LargeText {
    heading: "Chính ShieldGemma 2B",
    intro: "ShieldGemma 2B là bộ phân loại an toàn của chính Google: Gemma 2 với 2,6 tỉ trọng số, được huấn luyện để trả lời các prompt của bài này. Bộ bảo vệ nhỏ có cùng hình dạng, nhưng chưa đọc được nhiều như thế. Ở đây bạn có thể đưa mô hình thật vào trình duyệt này. Khi đó nó đứng cạnh bộ bảo vệ nhỏ trong các công cụ của bài, trừ hai cái: ảnh hưởng của từng từ và việc tìm từ để đổi cần gradient. Những gì bạn viết vẫn ở lại trên thiết bị này.",
    licence: "Giấy phép của nó, Gemma Terms of Use, không phải do chúng tôi cấp: bạn phải tự chấp nhận trên trang của mô hình, bằng tài khoản của mình. Việc đó mất khoảng một phút.",
    terms: "Gemma Terms of Use (điều khoản sử dụng Gemma)",
    model_page: "Trang của mô hình: google/shieldgemma-2b",
    sizes: "5,2 GB được đọc và nén dần, phần lớn còn 4 bit cho mỗi trọng số. Khoảng 1,8 GB ở lại trong trình duyệt này cho đến khi bạn xoá, và lần sau không cần mạng để dùng.",
    devices: "Thiết bị nào chứa được:",
    device_gpu: "Máy tính có WebGPU và khoảng 2 GB bộ nhớ đồ hoạ trống: cách nhanh. Nhanh đến đâu thì chưa được đo.",
    device_cpu: "Máy tính không có WebGPU: bộ xử lý đọc trọng số từ đĩa, từng tầng một, mỗi lần đều vậy. Cách này chạy được, nhưng mỗi kết luận mất một phút hoặc hơn.",
    device_phone: "Điện thoại: không. Trình duyệt trên đó đóng trang cần nhiều bộ nhớ đến thế, từ rất lâu trước kết luận đầu tiên.",
    here_gpu: "WebGPU đã sẵn sàng trên thiết bị này.",
    here_cpu: "WebGPU chưa dùng được trên thiết bị này: mỗi kết luận sẽ mất một phút hoặc hơn.",
    here_coming: "Đang xem WebGPU có chạy trên thiết bị này không.",
    here_small: "Đây có vẻ là điện thoại hoặc thiết bị ít bộ nhớ, không chứa được mô hình. Trên máy tính, việc nhập được thực hiện ở đây.",

    import: "Nhập mô hình",
    free: "Theo trình duyệt này thì còn chỗ cho {free}; mỗi lần nhập cần khoảng 1,8 GB.",
    free_unknown: "Trình duyệt này không cho biết còn bao nhiêu chỗ; mỗi lần nhập cần khoảng 1,8 GB.",
    from_disk: "Từ tệp trên máy này",
    from_disk_says: "Tải năm tệp sau từ trang của mô hình, rồi chọn tất cả cùng lúc. Chúng được đọc tại chỗ, từng ít một.",
    pick: "Chọn các tệp…",
    from_hub: "Từ hub, bằng mã truy cập của bạn",
    from_hub_says: "Hãy tạo mã truy cập có quyền đọc kho có kiểm soát (gated) trong phần cài đặt tài khoản tại huggingface.co. Mã chỉ được gửi đến huggingface.co, chỉ nằm trong bộ nhớ cho đến khi nhập xong hoặc đóng trang, và không được ghi ở đâu cả.",
    token: "Mã truy cập",
    fetch_hub: "Tải từ hub (5,2 GB)",
    from_site: "Từ trang này",
    from_site_says: "Trang này có sẵn mô hình đã nén: cần tải {size}. Các điều khoản ở trên vẫn áp dụng cho bạn.",
    fetch_site: "Tải từ trang này",

    looking: "Đang xem trình duyệt này lưu những gì…",
    preparing: "Đang xem các tệp…",
    packing: "Đang đọc và nén",
    packing_of: "Đang đọc và nén: {done} trên {total}",
    copying: "Đang tải",
    copying_of: "Đang tải: {done} trên {total}",
    checking: "Đang tính mã kiểm tra",
    checking_of: "Đang tính mã kiểm tra: {done} trên {total}",
    resumed: "Tiếp tục từ chỗ đã dừng.",
    over: "Phần có sẵn đến từ các tệp khác hoặc không thể tiếp tục: bắt đầu lại từ đầu.",
    goes_on_beside: "Trong lúc đó bạn có thể học tiếp. Hãy để thẻ này mở; nếu thẻ vẫn bị đóng, phần đã xong được giữ lại.",
    pause: "Tạm dừng",
    go_on: "Tiếp tục",
    go_on_how: "Để tiếp tục, hãy chọn lại nơi lấy tệp. Phần đã xong không phải đọc lại.",
    start_over: "Bắt đầu lại với các tệp này",
    look_again: "Xem lại",

    kept: "{name} được lưu trong trình duyệt này: {size}. Hãy chọn nó làm bộ bảo vệ ở đầu các công cụ.",
    unfinished: "Việc nhập {name} đã dừng ở {share}. Phần đã xong được giữ lại, kể cả khi đóng thẻ này.",
    in_use: "{name} đang được nhập ngay lúc này, trong thẻ này hoặc thẻ khác: lúc hỏi thì được {share}.",
    broken: "Còn sót lại một phần của lần nhập {name} không thể tiếp tục.",
    check: "Kiểm tra các tệp",
    delete: "Xoá {name}…",
    really_delete: "Xoá phần {name} mà trình duyệt này lưu ({size})? Muốn có lại thì phải nhập lại.",
    yes_delete: "Có, xoá đi",
    no_keep: "Không, giữ lại",

    imported: "Đã nhập xong.",
    paused: "Đã tạm dừng.",
    checked: "Các tệp vẫn đúng như khi được ghi.",
    deleted: "Đã xoá.",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::catalogue_check::assert_alike;

    #[test]
    fn both_languages_ask_for_the_same_values() {
        assert_alike(&EN, &VI);
    }
}
